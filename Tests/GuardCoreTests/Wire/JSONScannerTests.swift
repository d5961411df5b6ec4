import Testing

@testable import GuardCore

@Suite struct JSONScannerTests {
  @Test func `there are many cases`() {
    #expect(JSONCase.accepted.count >= 150)
    #expect(JSONCase.refused.count >= 250)
    let twice = Dictionary(grouping: JSONCase.all, by: \.notation).filter { $0.value.count > 1 }
    #expect(twice.keys.sorted() == [])
  }

  @Test(arguments: JSONCase.all) func `a document is accepted, or refused for what is wrong with it`(row: JSONCase)
    throws
  {
    #expect(try JSONScanner.fault(in: row.bytes)?.flaw == row.flaw)
  }

  @Test(arguments: JSONCase.accepted) func `what is cut off is refused`(row: JSONCase) throws {
    let bytes = row.bytes
    let containsMore =
      bytes.first == UInt8(ascii: "[") || bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "\"")
    guard containsMore, bytes.count < 200, let end = bytes.lastIndex(where: { $0 > 0x20 }) else { return }
    for count in 0..<end {
      #expect(try JSONScanner.fault(in: Bytes(bytes[..<count])) != nil, "the first \(count) bytes")
    }
  }

  @Test(arguments: JSONCase.accepted) func `a document is as good inside of another`(row: JSONCase) throws {
    let fault = try JSONScanner.fault(in: Bytes("[1,".utf8) + row.bytes + Bytes(",2]".utf8))
    #expect(fault == nil || fault?.flaw == .tooDeep)
  }

  @Test(arguments: [
    JSONCase(notation: "[None]", flaw: .notJSON), JSONCase(notation: "[Null]", flaw: .notJSON),
    JSONCase(notation: "[Inf]", flaw: .notJSON), JSONCase(notation: "[N]", flaw: .notJSON),
    JSONCase(notation: "[Nil]", flaw: .notJSON), JSONCase(notation: "nan", flaw: .notJSON),
    JSONCase(notation: "nil", flaw: .notJSON), JSONCase(notation: "[nx", flaw: .notJSON),
    JSONCase(notation: "to", flaw: .notJSON), JSONCase(notation: "t⟨ff⟩", flaw: .invalidUTF8),
    JSONCase(notation: "-⟨ff⟩", flaw: .invalidUTF8), JSONCase(notation: "[1.⟨ff⟩]", flaw: .invalidUTF8),
  ])
  func `a word that is none is called by the right name`(row: JSONCase) throws {
    let fault = try JSONScanner.fault(in: row.bytes)
    #expect(fault?.flaw == row.flaw)
  }

  struct Place: Sendable, CustomTestStringConvertible {
    let notation: String
    let fault: Fault

    init(_ notation: String, _ flaw: Flaw, at offset: Int) {
      self.notation = notation
      fault = Fault(flaw, at: offset)
    }

    var testDescription: String { "\(fault.flaw.rawValue) at \(fault.offset): \(notation.debugDescription)" }
  }

  static let places: [Place] = [
    Place("", .truncated, at: 0), Place("  ", .truncated, at: 2), Place("[1,]", .notJSON, at: 3),
    Place("[1 2]", .notJSON, at: 3), Place("[] []", .trailingContent, at: 3),
    Place(#"{"a":1,"b":2,"a":3}"#, .duplicateKey, at: 13), Place(#"[{"a":1},{"a":1,"a":2}]"#, .duplicateKey, at: 16),
    Place(#"{"x":1,"y":{"a":1,"a":2},"x":3}"#, .duplicateKey, at: 18), Place(#"["abc\x"]"#, .badEscape, at: 5),
    Place(#"["abc\ud800"]"#, .loneSurrogate, at: 5), Place(#"["\ud83d\ude00\udc00"]"#, .loneSurrogate, at: 14),
    Place("[\"ab\tc\"]", .controlCharacter, at: 4), Place("[\"é⟨ff⟩\"]", .invalidUTF8, at: 4),
    Place("[1,⟨ff⟩]", .invalidUTF8, at: 3), Place("[0,⟨0d⟩1]", .loneCarriageReturn, at: 3),
    Place("⟨ef bb bf⟩[]", .byteOrderMark, at: 0), Place("[1,-]", .badNumber, at: 4),
    Place("[1,NaN]", .notANumber, at: 3), Place("[1,-Infinity]", .notANumber, at: 3),
    Place(String(repeating: "[", count: 200), .tooDeep, at: 128), Place(#"{"a" 1}"#, .notJSON, at: 5),
    Place(#"{a:1}"#, .notJSON, at: 1), Place("[1.x]", .badNumber, at: 3), Place("[012]", .badNumber, at: 1),
  ]

  @Test(arguments: places) func `a fault tells where it was found`(row: Place) throws {
    #expect(try JSONScanner.fault(in: JSONCase.bytes(of: row.notation)) == row.fault)
  }

  @Test func `128 levels are the limit, whatever they are made of`() throws {
    var random = SeededRandom(seed: 128)
    for depth in [1, 2, 127, 128, 129, 130, 1000] {
      for _ in 0..<20 {
        let opened = (0..<depth).map { _ in random.oneIn(2) }
        let document =
          opened.map { $0 ? "[" : #"{"k":"# }.joined() + "0" + opened.reversed().map { $0 ? "]" : "}" }.joined()
        #expect(try JSONScanner.fault(in: Bytes(document.utf8))?.flaw == (depth > 128 ? .tooDeep : nil))
      }
    }
  }

  @Test func `a scanner reads on after a fault as if it were new`() throws {
    var scanner = try JSONScanner(textLimit: 1 << 26)
    var shuffled = JSONCase.all
    var random = SeededRandom(seed: 3)
    shuffled.shuffle(using: &random)
    for row in shuffled {
      let bytes = row.bytes
      #expect(scanner.fault(in: bytes)?.flaw == row.flaw, "\(row.testDescription)")
      if random.oneIn(5) { scanner.forget() }
    }
  }
}
