/// Reads JSON strictly, in one pass, to a tape: exactly RFC 8259 without what two readers could take differently.
package struct JSONScanner: ~Copyable {
  package static let depthLimit = 128

  package private(set) var tape: JSONTape
  private var open: [Int] = []
  private var keys = KeyCollisions()

  package init(textLimit: Int) throws(Errno) {
    tape = try JSONTape(textLimit: textLimit)
    open.reserveCapacity(Self.depthLimit)
  }

  /// Gives the memory of a giant text back.
  package mutating func forget() { tape.clear() }

  /// Reads the one value that `text` is; the tape then holds it from place 0 on.
  package mutating func scan(_ text: Span<UInt8>) throws(Fault) {
    tape.clear()
    open.removeAll(keepingCapacity: true)
    if text.count >= 3, text[0] == 0xef, text[1] == 0xbb, text[2] == 0xbf { throw Fault(.byteOrderMark, at: 0) }

    var position = try skipSpace(text, 0)
    repeat {
      position = try scanValue(text, position)
      position = try scanSeparators(text, position)
    } while !open.isEmpty
    if position < text.count { throw Self.fault(.trailingContent, text, position) }
  }

  /// Two keys of the object at `place` that are the same, or differ only by case when `ignoringCase`.
  mutating func collidingKey(in place: Int, of text: Span<UInt8>, ignoringCase: Bool) -> Int? {
    keys.find(in: place, of: tape, text, ignoringCase: ignoringCase)
  }

  /// Reads a value, or up to the first scalar or empty container inside it, and returns the place behind it.
  private mutating func scanValue(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    var position = start
    while true {
      guard position < text.count else { throw Fault(.truncated, at: position) }
      let byte = text[position]
      switch byte {
      case UInt8(ascii: "\""):
        return try scanString(text, position)
      case UInt8(ascii: "{"):
        try enter(.object, position)
        position = try skipSpace(text, position + 1)
        if position < text.count, text[position] == UInt8(ascii: "}") { return position }
        position = try scanKey(text, position)
      case UInt8(ascii: "["):
        try enter(.array, position)
        position = try skipSpace(text, position + 1)
        if position < text.count, text[position] == UInt8(ascii: "]") { return position }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        return try scanNumber(text, position)
      case UInt8(ascii: "t"): return try scanWord("true", .true, text, position)
      case UInt8(ascii: "f"): return try scanWord("false", .false, text, position)
      case UInt8(ascii: "n"): return try scanWord("null", .null, text, position)
      case UInt8(ascii: "N") where Self.starts("NaN", text, position): throw Fault(.notANumber, at: position)
      case UInt8(ascii: "I") where Self.starts("Infinity", text, position): throw Fault(.notANumber, at: position)
      default: throw Self.fault(.notJSON, text, position)
      }
    }
  }

  /// Reads what may stand between a value and the next one: ends of containers, a comma, a key.
  private mutating func scanSeparators(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    var position = try skipSpace(text, start)
    while let container = open.last {
      guard position < text.count else { throw Fault(.truncated, at: position) }
      let isObject = tape[container].kind == .object
      switch text[position] {
      case UInt8(ascii: ","):
        position = try skipSpace(text, position + 1)
        return isObject ? try scanKey(text, position) : position
      case UInt8(ascii: "}") where isObject:
        try tape.close(container, at: position)
        if let key = keys.find(in: container, of: tape, text, ignoringCase: false) {
          throw Fault(.duplicateKey, at: tape[key].offset)
        }
      case UInt8(ascii: "]") where !isObject:
        try tape.close(container, at: position)
      default:
        throw Self.fault(.notJSON, text, position)
      }
      open.removeLast()
      position = try skipSpace(text, position + 1)
    }
    return position
  }

  private mutating func enter(_ kind: JSONKind, _ position: Int) throws(Fault) {
    if open.count == Self.depthLimit { throw Fault(.tooDeep, at: position) }
    open.append(tape.count)
    try tape.append(JSONEntry(kind, at: position, extent: 0))
  }

  /// Reads a key and its colon, up to the value.
  private mutating func scanKey(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    guard start < text.count else { throw Fault(.truncated, at: start) }
    guard text[start] == UInt8(ascii: "\"") else { throw Self.fault(.notJSON, text, start) }
    let position = try skipSpace(text, try scanString(text, start))
    guard position < text.count else { throw Fault(.truncated, at: position) }
    guard text[position] == UInt8(ascii: ":") else { throw Self.fault(.notJSON, text, position) }
    return try skipSpace(text, position + 1)
  }

  private func skipSpace(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    var position = start
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"): position += 1
      case UInt8(ascii: "\r"): throw Fault(.loneCarriageReturn, at: position)
      default: return position
      }
    }
    return position
  }

  private mutating func scanWord(
    _ word: StaticString, _ kind: JSONKind, _ text: Span<UInt8>, _ start: Int
  ) throws(Fault) -> Int {
    let end = start + word.utf8CodeUnitCount
    guard Self.starts(word, text, start) else {
      let wrong = (start..<min(end, text.count)).first { text[$0] >= 0x80 } ?? start
      throw Self.fault(.notJSON, text, wrong)
    }
    if end > text.count { throw Fault(.truncated, at: text.count) }
    try tape.append(JSONEntry(kind, at: start, extent: end - start))
    return end
  }

  private mutating func scanNumber(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    let (end, isInteger): (Int, Bool)
    do throws(Fault) {
      (end, isInteger) = try JSONNumber.scan(text, start)
    } catch {
      throw error.offset < text.count ? Self.fault(error.flaw, text, error.offset) : error
    }
    try tape.append(JSONEntry(isInteger ? .integer : .number, at: start, extent: end - start))
    return end
  }

  private mutating func scanString(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    let (end, isEscaped) = try JSONString.scan(text, start)
    try tape.append(JSONEntry(isEscaped ? .escapedString : .string, at: start, extent: end - start))
    return end
  }

  /// Whether the text goes on with `word`, as far as it goes on at all.
  private static func starts(_ word: StaticString, _ text: Span<UInt8>, _ start: Int) -> Bool {
    let count = min(word.utf8CodeUnitCount, text.count - start)
    return word.withUTF8Buffer { letters in
      for index in 0..<count where unsafe letters[index] != text[start + index] { return false }
      return true
    }
  }

  /// `flaw`, unless the byte itself says better what is wrong.
  private static func fault(_ flaw: Flaw, _ text: Span<UInt8>, _ position: Int) -> Fault {
    let isBroken = text[position] >= 0x80 && UTF8Sequence.length(in: text, at: position) == nil
    return Fault(isBroken ? .invalidUTF8 : flaw, at: position)
  }
}
