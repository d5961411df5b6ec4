import Testing

@testable import GuardCore

@Suite struct KeyCollisionsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let object: String
    /// The key that collides with an earlier one, letters being letters.
    let exact: Int?
    /// The one that does when case is ignored.
    let folded: Int?

    init(_ object: String, exact: Int? = nil, folded: Int? = nil) {
      self.object = object
      self.exact = exact
      self.folded = folded ?? exact
    }

    var testDescription: String { object }
  }

  /// Collisions by the number of the key, counted from 0.
  static let cases: [Case] = [
    Case("{}"), Case(#"{"a":1}"#), Case(#"{"a":1,"b":2}"#), Case(#"{"a":1,"A":2}"#, folded: 1),
    Case(#"{"id":1,"iD":2}"#, folded: 1), Case(#"{"a":1,"b":2,"c":3,"B":4}"#, folded: 3), Case(#"{"":1}"#),
    Case(#"{"":1," ":2}"#), Case(#"{"a":{"A":1},"b":{"a":1}}"#), Case(#"{"a":[{"b":1},{"B":2}],"A":1}"#, folded: 1),
    Case(#"{"\u0041":1,"a":2}"#, folded: 1), Case(#"{"\u0061":1,"b":2}"#), Case(#"{"a\n":1,"A\u000A":2}"#, folded: 1),
    // U+017F folds to s, U+212A to k: as Go's parser has it.
    Case(#"{"s":1,"ſ":2}"#, folded: 1), Case(#"{"S":1,"\u017f":2}"#, folded: 1),
    Case(#"{"K":1,"\#u{212a}":2}"#, folded: 1), Case(#"{"k":1,"\u212A":2}"#, folded: 1),
    Case(#"{"ſ":1,"\u017F":2}"#, exact: 1), Case(#"{"taſ\#u{212a}":1,"TASK":2}"#, folded: 1),
    Case(#"{"arguments":1,"argumentſ":2}"#, folded: 1), Case(#"{"ß":1,"ss":2}"#), Case(#"{"ﬁ":1,"fi":2}"#),
    Case(#"{"ı":1,"i":2}"#), Case(#"{"İ":1,"i":2}"#), Case(#"{"é":1,"É":2}"#), Case(#"{"å":1,"Å":2}"#),
    Case(#"{"ſt":1,"ﬆ":2}"#),
    // A blind 0x20 would fold these into each other.
    Case(#"{"@":1,"`":2}"#), Case(#"{"[":1,"{":2}"#), Case(#"{"\\":1,"|":2}"#), Case(#"{"]":1,"}":2}"#),
    Case(#"{"_":1,"\u007f":2}"#), Case(#"{"a@":1,"A`":2}"#), Case(#"{"1":1,"\u0011":2}"#), Case(#"{"!":1,"\u0001":2}"#),
    // Alike in their first eight bytes.
    Case(#"{"12345678":1,"123456789":2}"#), Case(#"{"12345678a":1,"12345678b":2}"#),
    Case(#"{"12345678a":1,"12345678A":2}"#, folded: 1), Case(#"{"aaaaaaaa":1,"aaaaaaab":2,"AAAAAAAB":3}"#, folded: 2),
    Case(#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14}"#),
    Case(#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"D":14}"#, folded: 13),
  ]

  @Test(arguments: cases) func `keys collide when they mean the same`(row: Case) throws {
    #expect(try Self.collision(in: Bytes(row.object.utf8), ignoringCase: false) == row.exact)
    #expect(try Self.collision(in: Bytes(row.object.utf8), ignoringCase: true) == row.folded)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `random keys collide as a set of their meanings has it`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for _ in 0..<100 {
      let count = random.pick([2, 3, 5, 11, 12, 13, 14, 40])
      let keys = (0..<count).map { _ in Self.randomKey(using: &random) }
      let object = "{" + keys.map { Self.spelled($0, using: &random) + ":0" }.joined(separator: ",") + "}"
      let scalars = keys.map { Array($0.unicodeScalars) }
      let exact = Self.firstTwin(in: scalars)
      #expect(try Self.collision(in: Bytes(object.utf8), ignoringCase: false) == exact, "\(object)")
      if exact != nil { continue }
      let folded = scalars.map { $0.map(Self.fold) }
      #expect(try Self.collision(in: Bytes(object.utf8), ignoringCase: true) == Self.firstTwin(in: folded), "\(object)")
    }
  }

  @Test(arguments: [false, true]) func `a hundred thousand keys are read in one go`(areEscaped: Bool) throws {
    // Compared each with each this would take hours. All are as long as each other, and begin and end alike.
    let escape = areEscaped ? #"\u0061"# : "a"
    var object = "{"
    for number in 0..<100_000 { object += "\"\(escape)bcdefgh\(number + 1_000_000)zzzzzzzz\":0," }
    let twin = #""Abcdefgh1054321zzzzzzzZ":1}"#
    #expect(try Self.collision(in: Bytes((object + twin).utf8), ignoringCase: true) == 100_000)
    #expect(try Self.collision(in: Bytes((object + twin.lowercased()).utf8), ignoringCase: false) == 100_000)
  }

  @Test func `many objects with many keys are read with one scanner`() throws {
    var scanner = try JSONScanner(textLimit: 1 << 26)
    for round in 0..<50 {
      let keys = (0..<(round * 7)).map { "\"k\($0)\":{}" }.joined(separator: ",")
      let twice = round > 1 ? keys + #","k1":0"# : keys
      #expect(scanner.fault(in: Bytes("[{\(keys)},{\(keys)}]".utf8)) == nil)
      #expect(scanner.fault(in: Bytes("[{\(keys)},{\(twice)}]".utf8))?.flaw == (round > 1 ? .duplicateKey : nil))
    }
  }

  /// The number of the key that collides with an earlier one.
  private static func collision(in object: Bytes, ignoringCase: Bool) throws -> Int? {
    var scanner = try JSONScanner(textLimit: 1 << 26)
    let offset: Int
    if let fault = scanner.fault(in: object) {
      guard fault.flaw == .duplicateKey else { throw fault }
      offset = fault.offset
    } else {
      guard let key = scanner.collidingKey(in: 0, of: object.span, ignoringCase: ignoringCase) else { return nil }
      offset = scanner.tape[key].offset
    }
    // How many keys of the outermost object there are before it; the tape of a faulty one has all of them, too.
    var place = 1
    for number in 0... {
      if scanner.tape[place].offset == offset { return number }
      place = scanner.tape.next(after: place + 1)
    }
    return nil
  }

  private static func randomKey(using random: inout SeededRandom) -> String {
    let letters: [String] = ["a", "A", "s", "S", "ſ", "k", "K", "\u{212a}", "@", "`", "é", "\u{1}", "\"", "1", "😀"]
    return (0..<random.pick([0, 1, 1, 2, 2, 3, 3, 4, 9])).map { _ in random.pick(letters) }.joined()
  }

  private static func spelled(_ key: String, using random: inout SeededRandom) -> String {
    let isEscaped = random.oneIn(4)
    var spelling = "\""
    for scalar in key.unicodeScalars {
      if scalar.value >= 0x20 && scalar != "\"" && !(isEscaped && random.oneIn(2)) {
        spelling.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: random.oneIn(2))
          spelling += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return spelling + "\""
  }

  private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "ſ": "s"
    case "\u{212a}": "k"
    case "A"..."Z": Unicode.Scalar(UInt8(scalar.value + 32))
    default: scalar
    }
  }

  private static func firstTwin(in keys: [[Unicode.Scalar]]) -> Int? {
    var seen: Set<[Unicode.Scalar]> = []
    return keys.firstIndex { !seen.insert($0).inserted }
  }
}
