import Testing

@testable import GuardCore

@Suite struct MessageIDTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let token: String
    let id: MessageID?
    /// How the id is written in an answer.
    let written: String

    init(_ token: String, _ id: MessageID?, written: String? = nil) {
      self.token = token
      self.id = id
      self.written = written ?? token
    }

    var testDescription: String { id == nil ? "\(token) is no id" : token }
  }

  private static func text(_ text: String) -> MessageID { .text(Bytes(text.utf8)) }
  private static func digits(_ text: String) -> MessageID { .digits(Bytes(text.utf8)) }

  static let cases: [Case] = [
    Case("0", .integer(0)), Case("1", .integer(1)), Case("-1", .integer(-1)),
    Case("9007199254740993", .integer(9_007_199_254_740_993)), Case("9223372036854775807", .integer(.max)),
    Case("-9223372036854775807", .integer(-.max)), Case("-0", .integer(0), written: "0"),
    Case("9223372036854775808", digits("9223372036854775808")),
    Case("-9223372036854775809", digits("-9223372036854775809")),
    Case("123456789012345678901234567890", digits("123456789012345678901234567890")), Case(#""1""#, text("1")),
    Case(#""""#, text("")), Case(#""a b""#, text("a b")), Case(#""\u0061""#, text("a"), written: #""a""#),
    Case(#""\n\"\\\/""#, text("\n\"\\/"), written: #""\u000a\"\\/""#),
    Case(#""\ud83d\ude00é""#, text("😀é"), written: "\"😀é\""), Case(#""\u0000""#, text("\u{0}")),
    Case("\"\u{2028}\"", text("\u{2028}")), Case("null", nil), Case("true", nil), Case("{}", nil), Case("[1]", nil),
    Case("", nil),
  ]

  @Test(arguments: cases) func `an id is what it spells`(row: Case) throws {
    if !row.token.isEmpty { #expect(try Self.id(in: row.token) == row.id) }
    let token = Bytes(row.token.utf8)
    let spelled = MessageID(spelling: token.span)
    #expect(spelled == row.id)
    guard let id = row.id else { return }
    var written = Bytes()
    id.encode(to: &written)
    #expect(String(decoding: written, as: UTF8.self) == row.written)
    #expect(try Self.id(in: row.written) == id)
  }

  @Test(arguments: ["1.0", "1e3", "-0.0", "1.5E-7"])
  func `a number that is no integer is no id, but can be answered to`(token: String) throws {
    #expect(try Self.id(in: token) == nil)
    let bytes = Bytes(token.utf8)
    let spelled = MessageID(spelling: bytes.span)
    #expect(spelled == .digits(bytes))
  }

  @Test(arguments: [
    "-", "01", "1.", "+1", "1 2x", "\"a", "a\"", #""a"x"#, #""\ud800""#, #""\x""#, "\"\u{1}\"", "'a'", "NaN", "1x",
    #""a""b""#, "nul",
  ])
  func `what is no token of JSON is no id`(token: String) {
    let bytes = Bytes(token.utf8)
    let spelled = MessageID(spelling: bytes.span)
    #expect(spelled == nil)
  }

  @Test func `a string is never the integer that it looks like`() {
    let ids: [MessageID] = [
      .integer(1), Self.text("1"), Self.digits("1"), Self.text(""), .integer(0), Self.text("0"), Self.text("null"),
    ]
    #expect(Set(ids).count == ids.count)
  }

  private static func id(in token: String) throws -> MessageID? {
    let bytes = Bytes(token.utf8)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    try scanner.scan(bytes.span)
    return MessageID(scanner.tape, at: 0, of: bytes.span)
  }
}
