import Testing

@testable import GuardCore

@Suite struct JudgeTests {
  static let requests: [Script] = [
    Script("a request and its answer", .client(request("1")), .server(answer("1"))),
    Script("a request and its failure", .client(request("1")), .server(failure("1"))),
    Script(
      "an answer that nobody waits for", .server(answer("1"), .refuse(.unknownID)), .client(request("1")),
      .server(answer("2"), .refuse(.unknownID)), .server(failure("3"), .refuse(.unknownID)), .server(answer("1"))),
    Script(
      "an answer comes once", .client(request("1")), .server(answer("1")), .server(answer("1"), .refuse(.unknownID))),
    Script(
      "a duplicate in flight", .client(request("1")), .client(request("1"), .refuse(.duplicateID, answer: ["error 1"])),
      .server(answer("1")), .client(request("1"))),
    Script(
      "an id again after its answer", .client(request("1")), .server(answer("1")), .client(request("1")),
      .server(answer("1"))),
    Script(
      "an id again after a failure", .client(request(#""a""#)), .server(failure(#""a""#)), .client(request(#""a""#)),
      .server(answer(#""a""#))),
    Script(
      "ids that only look the same", .client(request("1")), .client(request(#""1""#)), .client(request("-1")),
      .client(request(#""""#)),
      .client(request("0")), .server(answer(#""1""#)), .server(answer("1")), .server(answer("0")),
      .server(answer(#""""#)), .server(answer("-1"))),
    Script(
      "ids that are the same in other spellings", .client(request(#""\u0061""#)),
      .client(request(#""a""#), .refuse(.duplicateID, answer: [#"error "a""#])),
      .server(answer(#""a""#)), .client(request("-0")), .server(answer("0"))),
    Script(
      "ids beyond any word", .client(request("123456789012345678901234567890")),
      .server(answer("123456789012345678901234567891"), .refuse(.unknownID)),
      .server(answer("123456789012345678901234567890"))),
    Script(
      "two spaces of ids", .client(request("1")), .server(request("1", "sampling/createMessage")), .client(answer("1")),
      .server(answer("1")),
      .client(answer("1"), .refuse(.unknownID)), .server(answer("1"), .refuse(.unknownID))),
    Script(
      "the server's duplicate", .server(request("7", "ping")),
      .server(request("7", "ping"), .refuse(.duplicateID, answer: ["error 7"])),
      .client(answer("7"))),
    Script(
      "notifications", .client(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#),
      .server(#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"a":1,"A":2}}}"#)),
    Script(
      "errors without an id", .server(failure("null")),
      .server(#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#),
      .client(failure("null"))),
    Script(
      "requests of the modern era", .client(request("1", "server/discover")), .server(answer("1")),
      .client(request("2", "x/unknown")), .server(failure("2"))),
  ]

  static let cancellations: [Script] = [
    Script(
      "a late answer goes through once", .client(request("1")), .client(cancellation("1")), .server(answer("1")),
      .server(answer("1"), .refuse(.unknownID))),
    Script(
      "an id again after its cancellation", .client(request("1")), .client(cancellation("1")), .client(request("1")),
      .server(answer("1"))),
    Script(
      "an id again after its cancellation waits like any other", .client(request("1")), .client(cancellation("1")),
      .client(request("1")),
      .client(request("1"), .refuse(.duplicateID, answer: ["error 1"]))),
    Script(
      "initialize can't be cancelled", .client(request("0", "initialize")), .client(cancellation("0")),
      .client(request("0"), .refuse(.duplicateID, answer: ["error 0"])), .server(answer("0"))),
    Script(
      "nobody cancels the other's request", .client(request("1")), .server(cancellation("1")),
      .client(request("1"), .refuse(.duplicateID, answer: ["error 1"])), .server(answer("1"))),
    Script(
      "the server cancels its own", .server(request("1", "roots/list")), .server(cancellation("1")),
      .server(request("1", "roots/list")), .client(answer("1"))),
    Script(
      "a cancellation of nothing", .client(cancellation("5")), .client(cancellation(#""x""#)),
      .server(answer("5"), .refuse(.unknownID))),
    Script(
      "a cancellation by another spelling", .client(request(#""a""#)), .client(cancellation(#""\u0061""#)),
      .client(request(#""a""#))),
    Script(
      "a cancellation of another type", .client(request("1")), .client(cancellation(#""1""#)),
      .client(request("1"), .refuse(.duplicateID, answer: ["error 1"]))),
    Script(
      "a malformed late answer is nobody's loss", .client(request("1")), .client(cancellation("1")),
      .server(#"{"jsonrpc":"2.0","id":1,"result":NaN}"#, .refuse(.notANumber)),
      .server(answer("1"), .refuse(.unknownID))),
    Script(
      "a request that is named like a cancellation cancels nothing",
      .client(request("1", "notifications/cancelled", #","params":{"requestId":1}"#)),
      .client(request("1"), .refuse(.duplicateID, answer: ["error 1"]))),
    Script(
      "a listener that the server ends",
      .client(request("1", "subscriptions/listen")), .server(cancellation("1")),
      .client(request("1", "subscriptions/listen"))),
  ]

  static let malformed: [Script] = [
    Script(
      "a request that is no JSON",
      .client(#"{"jsonrpc":"2.0","id":5,"method":"x","params":{"a":NaN}}"#, .refuse(.notANumber, answer: ["error 5"]))),
    Script(
      "the id is last",
      .client(
        #"{"method":"x","params":{"a":1,"a":2},"jsonrpc":"2.0","id":"b"}"#,
        .refuse(.duplicateKey, answer: [#"error "b""#]))),
    Script(
      "no id, no answer", .client(#"{"jsonrpc":"2.0","method":"x","params":[]}"#, .refuse(.badParams)),
      .client("hello", .refuse(.notJSON))),
    Script(
      "an unusable id", .client(#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, .refuse(.badID, answer: ["error null"]))),
    Script(
      "a fraction as id", .client(#"{"jsonrpc":"2.0","id":1.0,"method":"x"}"#, .refuse(.badID, answer: ["error 1.0"]))),
    Script("neither question nor answer", .client(#"{"jsonrpc":"2.0","id":5}"#, .refuse(.noKind, answer: ["error 5"]))),
    Script(
      "question and answer",
      .client(#"{"jsonrpc":"2.0","id":5,"method":"x","result":1}"#, .refuse(.ambiguousKind, answer: ["error 5"]))),
    Script(
      "invalid UTF-8",
      .client("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"⟨ff⟩\"}", .refuse(.invalidUTF8, answer: ["error 5"]))),
    Script(
      "a lone CR",
      .client("{\"jsonrpc\":\"2.0\",⟨0d⟩\"id\":5,\"method\":\"x\"}", .refuse(.loneCarriageReturn, answer: ["error 5"]))),
    Script("a BOM", .client("⟨ef bb bf⟩" + request("5"), .refuse(.byteOrderMark, answer: ["error 5"]))),
    Script(
      "two messages on a line",
      .client(request("5") + request("6"), .refuse(.trailingContent, answer: ["error 5", "error 6"]))),
    Script(
      "a key in the wrong case",
      .client(#"{"jsonrpc":"2.0","id":5,"Method":"x"}"#, .refuse(.keyCase, answer: ["error 5"]))),
    Script(
      "a malformed request waits for nothing",
      .client(#"{"jsonrpc":"2.0","id":5,"method":"x","params":[]}"#, .refuse(.badParams, answer: ["error 5"])),
      .client(request("5")), .server(answer("5"))),
    Script(
      "a malformed request of the server",
      .server(#"{"jsonrpc":"2.0","id":5,"method":"x","params":[]}"#, .refuse(.badParams, answer: ["error 5"]))),
    Script(
      "noise of the server", .server("Listening on port 3000", .refuse(.notJSON)), .server("{}", .refuse(.badVersion)),
      .server("3", .refuse(.notAnObject))),
    Script(
      "a malformed answer that is waited for", .client(request("5")),
      .server(#"{"jsonrpc":"2.0","id":5,"result":{"a":1,"a":2}}"#, .replace(.duplicateKey, by: ["error 5"])),
      .server(answer("5"), .refuse(.unknownID))),
    Script(
      "a malformed answer that nobody waits for",
      .server(#"{"jsonrpc":"2.0","id":5,"result":{"a":1,"a":2}}"#, .refuse(.duplicateKey))),
    Script(
      "an answer without anything in it", .client(request("5")),
      .server(#"{"jsonrpc":"2.0","id":5}"#, .replace(.noKind, by: ["error 5"]))),
    Script(
      "an answer in the wrong case", .client(request("5")),
      .server(#"{"jsonrpc":"2.0","id":5,"Result":{}}"#, .replace(.keyCase, by: ["error 5"]))),
    Script(
      "an answer with both", .client(request("5")),
      .server(#"{"jsonrpc":"2.0","id":5,"result":{},"error":{}}"#, .replace(.ambiguousKind, by: ["error 5"]))),
    Script(
      "an answer that is a question as well",
      .client(request("5")),
      .server(
        #"{"jsonrpc":"2.0","id":5,"method":"x","result":{}}"#,
        .replace(.ambiguousKind, by: ["error 5"], answer: ["error 5"]))),
    Script(
      "an answer to the same number as a fraction",
      .client(request("5")),
      .server(#"{"jsonrpc":"2.0","id":5.0,"result":{}}"#, .replace(.badID, by: ["error 5"]))),
    Script(
      "a malformed answer of the client", .server(request("5", "roots/list")),
      .client(#"{"jsonrpc":"2.0","id":5,"result":NaN}"#, .replace(.notANumber, by: ["error 5"]))),
    Script(
      "two answers on a line", .client(request("5")), .client(request("6")),
      .server(answer("5") + answer("6"), .replace(.trailingContent, by: ["error 5", "error 6"]))),
  ]

  @Test(arguments: requests + cancellations + malformed) func `a dialogue goes as it must`(script: Script) throws {
    script.play(in: try Dialogue())
  }

  @Test(arguments: ["\n", "\r\n", ""]) func `a line may end in LF, in CR LF, or not at all`(end: String) throws {
    let dialogue = try Dialogue()
    #expect(dialogue.client(request("1"), end: end) == .forward)
    #expect(dialogue.server(answer("1"), end: end) == .forward)
    #expect(dialogue.server("nonsense", end: end) == .refuse(.notJSON))
    #expect(dialogue.client(request("1") + "⟨0d 0d⟩", end: end) == .refuse(.loneCarriageReturn, answer: ["error 1"]))
  }

  @Test(arguments: ["", " ", "\t", " \t ", "\r"]) func `a blank line is nobody's business`(line: String) throws {
    let dialogue = try Dialogue()
    #expect(dialogue.client(line) == .ignore)
    #expect(dialogue.server(line) == .ignore)
  }

  @Test func `a message of exactly the limit goes through, and no longer one`() throws {
    let message = request("1", "x", #","params":{"a":"b"}"#)
    let exact = try Dialogue(lineLimit: message.utf8.count)
    #expect(exact.client(message, end: "\r\n") == .forward)
    let short = try Dialogue(lineLimit: message.utf8.count - 1)
    #expect(short.client(message) == .refuse(.tooLong, answer: ["error 1"]))
    #expect(short.client(request("1")) == .forward)
    #expect(
      short.server(answer("1", #""\#(String(repeating: "x", count: 100))""#)) == .replace(.tooLong, by: ["error 1"]))
    #expect(short.server(answer("1")) == .refuse(.unknownID))
  }

  @Test func `a line that was too long to be kept is answered by its outline`() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.clientOverlong(request("1")) == .refuse(.tooLong, answer: ["error 1"]))
    #expect(dialogue.clientOverlong(#"{"method":"x"}"#) == .refuse(.tooLong))
    #expect(
      dialogue.clientOverlong("[\(request("1")),\(request("2"))]") == .refuse(.tooLong, answer: ["error 1", "error 2"]))
    #expect(dialogue.client(request("1")) == .forward)
    #expect(dialogue.serverOverlong(answer("1")) == .replace(.tooLong, by: ["error 1"]))
    #expect(dialogue.serverOverlong(answer("1")) == .refuse(.tooLong))
    #expect(dialogue.serverOverlong(request("3", "ping")) == .refuse(.tooLong, answer: ["error 3"]))
  }

  @Test func `whoever asks a server that is gone is told so`() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.client(request("2")) == .forward)
    #expect(dialogue.client(request("1")) == .forward)
    #expect(dialogue.client(request("0", "initialize")) == .forward)
    #expect(dialogue.client(request("3")) == .forward)
    #expect(dialogue.client(cancellation("3")) == .forward)
    #expect(dialogue.server(answer("1")) == .forward)
    #expect(Outcome.lines(of: dialogue.conversation.giveUp(because: "the server exited")) == ["gone 2", "gone 0"])
    #expect(Outcome.lines(of: dialogue.conversation.giveUp(because: "the server exited")) == [])
    #expect(dialogue.client(request("4")) == .refuse(.serverGone, answer: ["gone 4"]))
    #expect(dialogue.client(#"{"jsonrpc":"2.0","method":"x"}"#) == .forward)
  }
}
