import Testing

@testable import GuardCore

@Suite struct JSONTapeTests {
  @Test func `the tape of the example is as it is drawn`() throws {
    let text = Bytes(#"{"a":[1,2],"b":"x"}"#.utf8)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    try scanner.scan(text.span)
    let entries = (0..<scanner.tape.count).map { place in
      let entry = scanner.tape[place]
      return Entry(kind: entry.kind, offset: entry.offset, extent: entry.extent)
    }
    #expect(
      entries == [
        Entry(kind: .object, offset: 0, extent: 8), Entry(kind: .string, offset: 1, extent: 3),
        Entry(kind: .array, offset: 5, extent: 3), Entry(kind: .integer, offset: 6, extent: 1),
        Entry(kind: .integer, offset: 8, extent: 1), Entry(kind: .end, offset: 9, extent: 1),
        Entry(kind: .string, offset: 11, extent: 3), Entry(kind: .string, offset: 15, extent: 3),
        Entry(kind: .end, offset: 18, extent: 1),
      ])
    #expect(scanner.tape.bytes(at: 0) == 0..<19)
    #expect(scanner.tape.bytes(at: 2) == 5..<10)
    #expect(scanner.tape.bytes(at: 6) == 11..<14)
    #expect(scanner.tape.content(at: 7) == 16..<17)
    #expect(scanner.tape.next(after: 0) == 9)
    #expect(scanner.tape.next(after: 2) == 6)
    #expect(scanner.tape.next(after: 3) == 4)
    #expect(scanner.tape.end(of: 0) == 8)
    #expect(scanner.tape.end(of: 2) == 5)
  }

  @Test func `every kind of value is told apart`() throws {
    let text = Bytes(#"[{},[],"s","\n",1,-0,1.0,1e2,-0E1,true,false,null,""]"#.utf8)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    try scanner.scan(text.span)
    var kinds: [JSONKind] = []
    var spellings: [String] = []
    var place = 1
    while place < scanner.tape.end(of: 0) {
      kinds.append(scanner.tape[place].kind)
      spellings.append(String(decoding: text[scanner.tape.bytes(at: place)], as: UTF8.self))
      place = scanner.tape.next(after: place)
    }
    let numbers: [JSONKind] = [.integer, .integer, .number, .number, .number]
    #expect(kinds == [.object, .array, .string, .escapedString] + numbers + [.true, .false, .null, .string])
    #expect(
      spellings == ["{}", "[]", #""s""#, #""\n""#, "1", "-0", "1.0", "1e2", "-0E1", "true", "false", "null", #""""#])
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a walk over the tape gives the document back`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    for _ in 0..<25 {
      let sample = SampleJSON.random(depth: 6, using: &random)
      let text = sample.spelled(using: &random)
      let fault = scanner.fault(in: text)
      #expect(fault == nil, "\(String(decoding: text, as: UTF8.self))")
      let isTheSame = SampleJSON(scanner.tape, at: 0, of: text) == sample
      #expect(isTheSame, "\(String(decoding: text, as: UTF8.self))")
      let (end, count) = (scanner.tape.next(after: 0), scanner.tape.count)
      #expect(end == count)
    }
  }

  @Test func `members are found by what their keys mean`() throws {
    let text = Bytes(#"{"x":{"id":1},"\u0069d":[2],"method":"p\u0069ng","i":3,"":4}"#.utf8)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    try scanner.scan(text.span)
    func spelling(of name: String) -> String? {
      scanner.tape.value(of: name, in: 0, text.span).map { place in
        String(decoding: text[scanner.tape.bytes(at: place)], as: UTF8.self)
      }
    }
    #expect(spelling(of: "id") == "[2]")
    #expect(spelling(of: "i") == "3")
    #expect(spelling(of: "") == "4")
    #expect(spelling(of: "x") == #"{"id":1}"#)
    #expect(spelling(of: "ID") == nil)
    #expect(spelling(of: "ping") == nil)
    let place = scanner.tape.value(of: "method", in: 0, text.span)
    let method = try #require(place)
    #expect(scanner.tape.isString("ping", at: method, text.span) == true)
    #expect(scanner.tape.isString("p\\u0069ng", at: method, text.span) == false)
    #expect(scanner.tape.isString("", at: 0, text.span) == false)
  }

  @Test func `a tape grows with its document and is small again afterwards`() throws {
    var scanner = try JSONScanner(textLimit: 1 << 26)
    let giant = Bytes("[".utf8) + Bytes(repeatElement(Bytes("0,".utf8), count: 300_000).joined()) + Bytes("1]".utf8)
    for _ in 0..<2 {
      try scanner.scan(giant.span)
      #expect(scanner.tape.count == 300_003)
      #expect(scanner.tape.bytes(at: 300_001) == 600_001..<600_002)
      #expect(scanner.tape.end(of: 0) == 300_002)
      scanner.forget()
      #expect(scanner.tape.count == 0)
      try scanner.scan(Bytes("[1,[2]]".utf8).span)
      #expect(scanner.tape.count == 6)
      #expect(scanner.tape.bytes(at: 2) == 3..<6)
    }
  }

  @Test(arguments: [
    ("", ""), ("abc", "abc"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"\u0041\u00e9\u20AC"#, "Aé€"),
    (#"\ud83d\ude00\uDBFF\uDFFF"#, "😀\u{10ffff}"), (#"é\u0000😀"#, "é\u{0}😀"), (#"\\u0041"#, "\\u0041"),
  ])
  func `a string means what its escapes say`(content: String, meaning: String) {
    let text = Bytes("\"\(content)\"".utf8)
    var decoded = Bytes()
    JSONString.decode(text.span, 1..<(text.count - 1), to: &decoded)
    #expect(String(decoding: decoded, as: UTF8.self) == meaning)
    var encoded = Bytes()
    JSONString.encode(decoded, to: &encoded)
    var again = Bytes()
    JSONString.decode(encoded.span, 1..<(encoded.count - 1), to: &again)
    #expect(again == decoded)
  }

  private struct Entry: Equatable {
    let kind: JSONKind
    let offset: Int
    let extent: Int
  }
}
