import GuardCore

/// A JSON document as a tree that keeps each scalar's and each key's spelling.
indirect enum SampleJSON: Equatable, Sendable {
  case object([Member])
  case array([SampleJSON])
  case scalar(JSONKind, Bytes)

  struct Member: Equatable, Sendable {
    let kind: JSONKind
    let key: Bytes
    let value: SampleJSON
  }

  /// Any document, without two keys of an object that are the same.
  static func random(depth: Int, using random: inout SeededRandom) -> SampleJSON {
    let count = random.pick([0, 1, 1, 2, 2, 3, 5, random.oneIn(10) ? 20 : 2])
    switch depth > 0 ? Int.random(in: 0..<4, using: &random) : 3 {
    case 0, 1:
      return .object(
        (0..<count).map { index in
          let (kind, key) = string(ending: "\(index)", using: &random)
          return Member(kind: kind, key: key, value: .random(depth: depth - 1, using: &random))
        })
    case 2: return .array((0..<count).map { _ in .random(depth: depth - 1, using: &random) })
    default: return scalar(using: &random)
    }
  }

  private static func scalar(using random: inout SeededRandom) -> SampleJSON {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .scalar(.true, Bytes("true".utf8))
    case 1: return .scalar(.false, Bytes("false".utf8))
    case 2: return .scalar(.null, Bytes("null".utf8))
    case 3:
      let integers = [
        "0", "-0", "7", "-12", "1234567890", "9007199254740993", "-9223372036854775808", "1\(random.next())",
      ]
      return .scalar(.integer, Bytes(random.pick(integers).utf8))
    case 4:
      let numbers = [
        "0.0", "-1.5", "1e9", "1E+400", "2.50e-07", "-0e0", "\(Double.random(in: -1...1, using: &random))",
      ]
      return .scalar(.number, Bytes(random.pick(numbers).utf8))
    default:
      let (kind, spelling) = string(ending: "", using: &random)
      return .scalar(kind, spelling)
    }
  }

  private static func string(ending end: String, using random: inout SeededRandom) -> (JSONKind, Bytes) {
    let plain = [
      "a", "key", "A", " ", "é", "日本", "😀", "\u{2028}", "{", "]", ",", ":", "/", "\u{7f}",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]
    let escaped = [#"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u0041"#, #"\u00e9"#, #"\ud83d\ude00"#, #"\uFFFF"#, #"\u0000"#]
    let isEscaped = random.oneIn(3)
    var content = ""
    for _ in 0..<random.pick([0, 1, 2, 3, 8]) { content += random.pick(isEscaped && random.oneIn(2) ? escaped : plain) }
    if isEscaped { content += random.pick(escaped) }
    return (isEscaped ? .escapedString : .string, Bytes("\"\(content)\(end)\"".utf8))
  }

  /// The document with random white space.
  func spelled(using random: inout SeededRandom) -> Bytes {
    func space() -> Bytes { random.oneIn(4) ? Bytes(random.pick([" ", "  ", "\t", "\n", " \n\t "]).utf8) : [] }
    var bytes = space()
    switch self {
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes += space() + member.key + space() + [UInt8(ascii: ":")] + member.value.spelled(using: &random)
      }
      bytes += space() + [UInt8(ascii: "}")]
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes += element.spelled(using: &random)
      }
      bytes += space() + [UInt8(ascii: "]")]
    case .scalar(_, let spelling): bytes += spelling
    }
    return bytes + space()
  }

  /// Reads the value at `place` back from a tape.
  init(_ tape: borrowing JSONTape, at place: Int, of text: Bytes) {
    let kind = tape[place].kind
    let end = tape.next(after: place) - 1
    switch kind {
    case .object:
      var members: [Member] = []
      var key = place + 1
      while key < end {
        let value = SampleJSON(tape, at: key + 1, of: text)
        members.append(Member(kind: tape[key].kind, key: Bytes(text[tape.bytes(at: key)]), value: value))
        key = tape.next(after: key + 1)
      }
      self = .object(members)
    case .array:
      var elements: [SampleJSON] = []
      var element = place + 1
      while element < end {
        elements.append(SampleJSON(tape, at: element, of: text))
        element = tape.next(after: element)
      }
      self = .array(elements)
    default: self = .scalar(kind, Bytes(text[tape.bytes(at: place)]))
    }
  }
}
