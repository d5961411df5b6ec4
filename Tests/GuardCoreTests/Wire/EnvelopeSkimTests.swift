import Testing

@testable import GuardCore

@Suite struct EnvelopeSkimTests {
  typealias Outline = EnvelopeSkim.Outline

  struct Case: Sendable, CustomTestStringConvertible {
    let notation: String
    let outlines: [Outline]

    init(_ notation: String, _ outlines: Outline...) {
      self.notation = notation
      self.outlines = outlines
    }

    var testDescription: String { notation.count > 120 ? "\(notation.prefix(60))…" : notation }
  }

  private static func request(_ id: MessageID) -> Outline { Outline(id: id, hasMethod: true) }
  private static func request(_ id: Int64) -> Outline { request(.integer(id)) }
  private static func answer(_ id: Int64) -> Outline { Outline(id: .integer(id), isAnswer: true) }
  private static func text(_ text: String) -> MessageID { .text(Bytes(text.utf8)) }
  private static let notification = Outline(hasMethod: true)
  private static let unusable = Outline(hasUnusableID: true, hasMethod: true)

  static let whole: [Case] = [
    Case(""), Case(" "), Case("{}"), Case("[]"), Case("[{},{}]"), Case("1"), Case(#""id""#), Case("not JSON at all"),
    Case(#"{"x":1}"#), Case(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, request(1)),
    Case(#"{"method":"ping","id":1}"#, request(1)), Case(#"{"id":"a","method":"ping"}"#, request(text("a"))),
    Case(#"{"id":"","method":"ping"}"#, request(text(""))), Case(#"{"id":-7,"method":"ping"}"#, request(-7)),
    Case(#"{"id":0,"result":{}}"#, answer(0)), Case(#"{"id":1,"error":{}}"#, answer(1)),
    Case(#"{"id":7}"#, Outline(id: .integer(7))), Case(#"{"method":"x"}"#, notification),
    Case(#"{"result":1}"#, Outline(isAnswer: true)),
    Case(#"{"id":1,"method":"x","result":1}"#, Outline(id: .integer(1), hasMethod: true, isAnswer: true)),
    Case(#" { "id" : 1 , "method" : "ping" } "#, request(1)),
    Case("{\t\"id\"\t:\t1\t,\n\"method\":\"ping\"}", request(1)),
    Case(
      #"{"id":123456789012345678901234567890,"method":"x"}"#,
      request(.digits(Bytes("123456789012345678901234567890".utf8)))),
    Case(#"{"\u0069d":1,"m\u0065thod":"x"}"#, request(1)),
    Case(#"{"id":"\u0061\n","method":"x"}"#, request(text("a\n"))),
  ]

  static let nested: [Case] = [
    Case(#"{"params":{"id":2,"method":"y"},"id":1,"method":"x"}"#, request(1)),
    Case(#"{"id":1,"method":"x","params":{"id":2}}"#, request(1)),
    Case(#"{"params":[{"id":2}],"method":"x"}"#, notification),
    Case(#"{"params":{"a":{"id":2,"result":3}},"id":1,"method":"x"}"#, request(1)),
    Case(#"{"params":{"a":"\"},\"id\":9,"},"id":1,"method":"x"}"#, request(1)),
    Case(#"{"params":{"a":"\\"},"id":1,"method":"x"}"#, request(1)),
    Case(#"{"a":"id\":5","id":1,"method":"x"}"#, request(1)),
    Case(#"{"a":"}","b":"{","c":"[","id":1,"method":"x"}"#, request(1)),
    Case(#"{"result":{"content":[{"text":"{\"id\":3}"}]},"jsonrpc":"2.0","id":4}"#, answer(4)),
    Case(#"{"result":{"id":9},"id":"\u0041"}"#, Outline(id: text("A"), isAnswer: true)),
    Case(#"{"id":{"id":5},"method":"x"}"#, unusable), Case(#"{"id":[5],"method":"x"}"#, unusable),
    Case(#"{"id":{},"method":"x"}"#, unusable), Case(#"{"id":[]5,"method":"x"}"#, unusable),
    Case(#"{"id":[],"method":"x"}"#, unusable),
    Case(#"{"a":[[[{"id":5}]]],"method":"x"}"#, notification),
  ]

  static let unusableIDs: [Case] = [
    Case(#"{"id":null,"method":"x"}"#, unusable), Case(#"{"id":true,"method":"x"}"#, unusable),
    Case(#"{"id":"\ud800","method":"x"}"#, unusable), Case(#"{"id":"a\x","method":"x"}"#, unusable),
    Case(#"{"id":01,"method":"x"}"#, unusable), Case(#"{"id":,"method":"x"}"#, unusable),
    Case(#"{"id":NaN,"method":"x"}"#, unusable), Case(#"{"id":'a',"method":"x"}"#, unusable),
    Case("{\"id\":\"⟨ff⟩\",\"method\":\"x\"}", unusable),
    Case(#"{"id":null,"result":{}}"#, Outline(hasUnusableID: true, isAnswer: true)),
    Case(#"{"id":"#, Outline(hasUnusableID: true)),
    Case("{\"id\":\"" + String(repeating: "x", count: 5000) + "\",\"method\":\"x\"}", unusable),
    Case(#"{"id":1.0,"method":"x"}"#, request(.digits(Bytes("1.0".utf8)))),
    Case(#"{"id":1e3,"method":"x"}"#, request(.digits(Bytes("1e3".utf8)))),
    // Of several the last one that is any good.
    Case(#"{"id":1,"id":2,"method":"x"}"#, request(2)), Case(#"{"id":1,"method":"x","\u0069d":3}"#, request(3)),
    Case(#"{"id":null,"id":2,"method":"x"}"#, request(2)), Case(#"{"id":1,"id":null,"method":"x"}"#, request(1)),
  ]

  static let broken: [Case] = [
    Case(#"{"id":1,"method":"x""#, request(1)), Case(#"{"id":1,"method":"x"#, request(1)),
    Case(#"{"id":1,"method":"#, request(1)), Case(#"{"id":1,"method":"x","params":{"a":"b"#, request(1)),
    Case(#"{"id":1,"method":"x","params":{"a":[1,2"#, request(1)),
    Case(#"{"id":1,"method":"x","params":{"a":NaN}}"#, request(1)),
    Case(#"{"params":{"a":NaN},"id":1,"method":"x"}"#, request(1)),
    Case(#"{"params":{"a":1,"a":2},"id":1,"method":"x"}"#, request(1)), Case(#"{,"id":1,,"method":"x",}"#, request(1)),
    Case("{\"params\":{\"a\":\"⟨ff⟩\"},\"id\":1,\"method\":\"x\"}", request(1)),
    Case("⟨ef bb bf⟩{\"id\":1,\"method\":\"x\"}", request(1)),
    Case("{\"params\":\"a⟨0d⟩b\",⟨0d⟩\"id\":1,⟨0d⟩\"method\":\"x\"}", request(1)),
    Case("⟨00⟩{\"id\":1,\"method\":\"x\"}", request(1)),
    Case("{\"params\":\"a⟨00⟩b\",\"id\":1,\"method\":\"x\"}", request(1)),
    Case(#"{"a":"\x","id":1,"method":"x"}"#, request(1)), Case(#"{"params":'a',"id":1,"method":"x"}"#, request(1)),
    Case(#"{"a":/**/1,"id":1,"method":"x"}"#, request(1)), Case(#"xyz {"id":1,"method":"x"}"#, request(1)),
    Case(#"{"id":1,"method":"x"} trailing"#, request(1)),
    Case(#"{"id":1,"method":"x"}{"id":2,"method":"y"}"#, request(1), request(2)),
    Case(#"{"id":1,"method":"x"}[{"id":2,"method":"y"}]"#, request(1), request(2)),
    Case(#"}{"id":1,"method":"x"}"#, request(1)), Case(#"]]}}{"id":1,"method":"x"}"#, request(1)),
    Case(#"{"id":1,"method":"x"}}}"#, request(1)),
    Case(#"{"id":1,"method":"x"}]{"id":2,"method":"y"}"#, request(1), request(2)),
    Case(#"{"id":1,"method":"x"]"#, request(1)), Case(#"{"params":{"a":[1}},"id":1,"method":"x"}"#, request(1)),
    Case(#"{"a":[1,2,"id":1}"#), Case(String(repeating: "[", count: 200) + String(repeating: "]", count: 200)),
    Case(
      "{\"a\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        + ",\"id\":1,\"method\":\"x\"}", request(1)),
  ]

  static let batches: [Case] = [
    Case(#"[{"id":1,"method":"x"}]"#, request(1)),
    Case(#"[{"id":1,"method":"x"},{"method":"n"},{"id":2,"result":{}}]"#, request(1), notification, answer(2)),
    Case(#"[{"params":[{"id":9}],"id":1,"method":"x"},{"id":2,"method":"y"}]"#, request(1), request(2)),
    Case(#"[1,"id",{"id":1,"method":"x"},null,[{"id":5}]]"#, request(1)),
    Case(#"[{"id":1,"method":"x"},{"id":2,"method":"#, request(1), request(2)),
    Case(#"[{"id":1,"method":"x"}{"id":2,"method":"y"}]"#, request(1), request(2)),
    Case(#" [ {"id":1,"method":"x"} , {} ] "#, request(1)), Case(#"[{"id":1,"method":"x"},]"#, request(1)),
    Case(#"[[{"id":1,"method":"x"}]]"#),
  ]

  @Test(arguments: whole + nested + unusableIDs + broken + batches)
  func `a line that cannot be read still has an outline`(row: Case) {
    #expect(Self.outlines(of: [JSONCase.bytes(of: row.notation)]) == row.outlines)
  }

  @Test(arguments: whole + nested + unusableIDs + broken + batches)
  func `the outline is the same in whatever pieces the line comes`(row: Case) {
    let line = JSONCase.bytes(of: row.notation)
    if line.count < 200 {
      #expect(Self.outlines(of: line.map { [$0] }) == row.outlines)
      for cut in 0...line.count {
        #expect(Self.outlines(of: [Bytes(line[..<cut]), Bytes(line[cut...])]) == row.outlines, "cut at \(cut)")
      }
    }
    var random = SeededRandom(seed: UInt64(line.count))
    for longest in [2, 5, 40, 400] {
      #expect(Self.outlines(of: random.pieces(of: line, longest: longest)) == row.outlines, "pieces up to \(longest)")
    }
  }

  @Test(arguments: [
    Case(#"{"params":1},"id":5,"method":"x"}"#, request(5)),
    Case(#"{"params":{"a":1}},"id":5,"method":"x"}"#, request(5)),
    Case(#"{"jsonrpc":"2.0"],"id":5,"method":"x"}"#, request(5)), Case(#"{"id":1 2,"method":"x"}"#, unusable),
    Case(#"{"id":"a" "b","method":"x"}"#, unusable), Case(#"{"id" : 5 , "method" : "x" } "#, request(5)),
  ])
  func `a line that is broken in the middle of its message still has an outline`(row: Case) {
    #expect(Self.outlines(of: [JSONCase.bytes(of: row.notation)]) == row.outlines)
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func `valid messages are made out for what they are`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<30 {
      let id = Int64.random(in: 0...99, using: &random)
      var members = [
        #""jsonrpc":"2.0""#, #""id":\#(id)"#, #""method":"x""#,
        #""params":\#(Self.value(depth: 4, using: &random))"#,
        #""other":\#(Self.value(depth: 2, using: &random))"#,
      ]
      members.shuffle(using: &random)
      let line = "{" + members.joined(separator: ",") + "}"
      #expect(Self.outlines(of: random.pieces(of: Bytes(line.utf8), longest: 50)) == [Self.request(id)], "\(line)")
    }
  }

  @Test func `a giant line is skimmed without being kept`() {
    var skim = EnvelopeSkim()
    skim.feed(Bytes(#"{"params":{"text":""#.utf8).span)
    let filler = Bytes(repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<20 { skim.feed(filler.span) }
    skim.feed(Bytes(#""},"id":"last","method":"x"}"#.utf8).span)
    #expect(skim.finish() == [Self.request(Self.text("last"))])
  }

  private static func value(depth: Int, using random: inout SeededRandom) -> String {
    String(decoding: SampleJSON.random(depth: depth, using: &random).spelled(using: &random), as: UTF8.self)
  }

  private static func outlines(of pieces: [Bytes]) -> [Outline] {
    var skim = EnvelopeSkim()
    for piece in pieces { skim.feed(piece.span) }
    return skim.finish()
  }
}
