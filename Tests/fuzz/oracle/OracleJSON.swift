/// A JSON text as a tree, read in the plainest way there is: first all bytes to Unicode scalars, then by recursion.
///
/// It is a second opinion, so it shares no code with the guard, and no idea either: no tape, no search for the end of
/// plain text, keys in a set. It knows what the guard's contract says, and is slow.
struct OracleNode {
  enum Shape {
    case object([OracleMember])
    case array([OracleNode])
    case string(OracleText)
    case integer(String)
    case fraction(String)
    case word(String)
  }

  let shape: Shape
  /// Where the value stands in the text, quotes and brackets included.
  let bytes: Range<Int>
}

/// A member of an object; its name is what its escapes mean.
struct OracleMember {
  let name: OracleText
  let value: OracleNode
}

/// Text as a list of Unicode scalars: a `String` would take different spellings of a letter for the same.
struct OracleText: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  let scalars: [UInt32]

  init(_ scalars: [UInt32]) { self.scalars = scalars }
  init(stringLiteral literal: String) { scalars = literal.unicodeScalars.map(\.value) }

  var description: String { scalars.compactMap { Unicode.Scalar($0)?.escaped(asASCII: true) }.joined() }
}

/// Why the oracle refuses a text.
struct OracleRefusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// UTF-8 by arithmetic: put the bits together, then ask whether this number may be spelled so.
enum OracleUTF8 {
  static func decode(_ bytes: [UInt8]) throws(OracleRefusal) -> (scalars: [UInt32], offsets: [Int]) {
    var scalars: [UInt32] = []
    var offsets: [Int] = []
    scalars.reserveCapacity(bytes.count)
    offsets.reserveCapacity(bytes.count + 1)
    var index = 0
    while index < bytes.count {
      let lead = UInt32(bytes[index])
      if lead < 0x80 {
        scalars.append(lead)
        offsets.append(index)
        index += 1
        continue
      }
      let length = lead >> 5 == 0b110 ? 2 : lead >> 4 == 0b1110 ? 3 : lead >> 3 == 0b11110 ? 4 : 0
      if length == 0 || index + length > bytes.count { throw OracleRefusal("no UTF-8 at byte \(index)") }
      var scalar = lead & (0x7f >> UInt32(length))
      for next in bytes[(index + 1)..<(index + length)] {
        if next & 0xc0 != 0x80 { throw OracleRefusal("no UTF-8 at byte \(index)") }
        scalar = scalar * 64 + UInt32(next & 0x3f)
      }
      let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
      if scalar < smallest || scalar > 0x10ffff || Unicode.Scalar(scalar) == nil {
        throw OracleRefusal("a character that UTF-8 does not spell so at byte \(index)")
      }
      scalars.append(scalar)
      offsets.append(index)
      index += length
    }
    offsets.append(index)
    return (scalars, offsets)
  }
}

/// Reads one JSON value, with the limits of the guard's contract.
struct OracleParser {
  static let deepest = 128

  private static let simpleEscapes: [Unicode.Scalar: UInt32] = [
    "\"": 0x22, "\\": 0x5c, "/": 0x2f, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
  ]

  private let scalars: [UInt32]
  private let offsets: [Int]
  private var position = 0

  /// The tree of `bytes`, which must be one value and blanks.
  static func parse(_ bytes: some Sequence<UInt8>) throws(OracleRefusal) -> OracleNode {
    let (scalars, offsets) = try OracleUTF8.decode(Array(bytes))
    // Between values it could be taken for the end of a line, and in a string it is a control character.
    if scalars.contains(0x0d) { throw OracleRefusal("a carriage return") }
    var parser = OracleParser(scalars: scalars, offsets: offsets)
    let root = try parser.value(inside: 0)
    parser.skipBlanks()
    if parser.position != scalars.count { throw OracleRefusal("something behind the value") }
    return root
  }

  private init(scalars: [UInt32], offsets: [Int]) {
    self.scalars = scalars
    self.offsets = offsets
  }

  private var next: Unicode.Scalar? {
    position < scalars.count ? Unicode.Scalar(scalars[position]) : nil
  }

  private mutating func skipBlanks() {
    while next == " " || next == "\t" || next == "\n" { position += 1 }
  }

  private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == wanted else { return false }
    position += 1
    return true
  }

  private mutating func demand(_ wanted: Unicode.Scalar) throws(OracleRefusal) {
    if !take(wanted) { throw OracleRefusal("no \(wanted) at character \(position)") }
  }

  private mutating func value(inside depth: Int) throws(OracleRefusal) -> OracleNode {
    skipBlanks()
    let start = position
    let shape: OracleNode.Shape
    switch next {
    case "{", "[":
      if depth == Self.deepest { throw OracleRefusal("too deep at character \(position)") }
      shape = next == "{" ? try object(depth) : try array(depth)
    case "\"": shape = .string(try string())
    case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": shape = try number()
    default: shape = .word(try word())
    }
    return OracleNode(shape: shape, bytes: offsets[start]..<offsets[position])
  }

  private mutating func object(_ depth: Int) throws(OracleRefusal) -> OracleNode.Shape {
    var members: [OracleMember] = []
    var names: Set<OracleText> = []
    try demand("{")
    if take("}") { return .object([]) }
    repeat {
      skipBlanks()
      let name = try string()
      if !names.insert(name).inserted { throw OracleRefusal("the same key twice, before character \(position)") }
      try demand(":")
      members.append(OracleMember(name: name, value: try value(inside: depth + 1)))
    } while take(",")
    try demand("}")
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws(OracleRefusal) -> OracleNode.Shape {
    var elements: [OracleNode] = []
    try demand("[")
    if take("]") { return .array([]) }
    repeat { elements.append(try value(inside: depth + 1)) } while take(",")
    try demand("]")
    return .array(elements)
  }

  private mutating func string() throws(OracleRefusal) -> OracleText {
    guard next == "\"" else { throw OracleRefusal("no string at character \(position)") }
    position += 1
    var units: [UInt32] = []
    units.reserveCapacity(16)
    while let character = next, character != "\"" {
      if scalars[position] < 0x20 { throw OracleRefusal("a control character at \(position)") }
      if character == "\\" {
        units.append(try escape())
      } else {
        units.append(scalars[position])
        position += 1
      }
    }
    if next == nil { throw OracleRefusal("a string without an end") }
    position += 1
    return OracleText(units)
  }

  private mutating func escape() throws(OracleRefusal) -> UInt32 {
    position += 1
    guard let letter = next else { throw OracleRefusal("an escape without an end") }
    if let meaning = Self.simpleEscapes[letter] {
      position += 1
      return meaning
    }
    if letter != "u" { throw OracleRefusal("an escape that JSON does not have at character \(position)") }
    let first = try fourDigits()
    if Unicode.Scalar(first) != nil { return first }
    guard first < 0xdc00, next == "\\" else { throw OracleRefusal("half a surrogate pair before \(position)") }
    position += 1
    guard next == "u" else { throw OracleRefusal("half a surrogate pair before \(position)") }
    let second = try fourDigits()
    if !(0xdc00...0xdfff).contains(second) { throw OracleRefusal("half a surrogate pair before \(position)") }
    return 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00)
  }

  private mutating func fourDigits() throws(OracleRefusal) -> UInt32 {
    position += 1
    let digits = scalars.dropFirst(position).prefix(4).compactMap { scalar -> Int? in
      guard let character = Unicode.Scalar(scalar), character.isASCII else { return nil }
      return Character(character).hexDigitValue
    }
    if digits.count != 4 { throw OracleRefusal("no four digits at character \(position)") }
    position += 4
    return digits.reduce(0) { $0 * 16 + UInt32($1) }
  }

  private mutating func number() throws(OracleRefusal) -> OracleNode.Shape {
    var spelling = ""
    while let character = next, "+-.eE0123456789".unicodeScalars.contains(character) {
      spelling.unicodeScalars.append(character)
      position += 1
    }
    let parts = spelling.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
    let halves =
      parts.count == 2 ? parts : spelling.split(separator: "E", maxSplits: 1, omittingEmptySubsequences: false)
    let mantissa = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let whole = mantissa[0].hasPrefix("-") ? mantissa[0].dropFirst() : mantissa[0]
    var digits = [whole] + mantissa.dropFirst()
    if halves.count == 2 {
      let hasSign = halves[1].hasPrefix("-") || halves[1].hasPrefix("+")
      digits.append(hasSign ? halves[1].dropFirst() : halves[1])
    }
    let areAllDigits = digits.allSatisfy { !$0.isEmpty && $0.allSatisfy { "0123456789".contains($0) } }
    if !areAllDigits || (whole.count > 1 && whole.hasPrefix("0")) {
      throw OracleRefusal("no number before character \(position)")
    }
    return digits.count == 1 ? .integer(spelling) : .fraction(spelling)
  }

  private mutating func word() throws(OracleRefusal) -> String {
    for word in ["true", "false", "null"]
    where scalars.dropFirst(position).starts(with: word.unicodeScalars.map(\.value)) {
      position += word.count
      return word
    }
    throw OracleRefusal("no value at character \(position)")
  }
}
