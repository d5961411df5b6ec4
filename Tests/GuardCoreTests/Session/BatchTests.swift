import Testing

@testable import GuardCore

@Suite struct BatchTests {
  private static func batch(_ members: String...) -> String { "[" + members.joined(separator: ",") + "]" }
  private static let bad = #"{"jsonrpc":"2.0","id":9,"method":"x","params":[]}"#
  private static let notification = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#

  static let fromClient: [Script] = [
    Script("all pass, verbatim", .client(batch(request("1"), request("2"))), .server(batch(answer("2"), answer("1")))),
    Script(
      "one answer at a time", .client(batch(request("1"), request("2"))), .server(answer("1")), .server(answer("2")),
      .server(answer("1"), .refuse(.unknownID))),
    Script("notifications only", .client(batch(notification, notification))),
    Script("an empty one", .client("[]", .refuse(.emptyBatch)), .client(" [ ] ", .refuse(.emptyBatch))),
    Script(
      "a refused member waits for the others' answers",
      .client(batch(request("1"), bad, request("2")), .replace(.badParams, by: [batch(request("1"), request("2"))])),
      .server(batch(answer("1"), answer("2")), .replace(nil, by: [batch(answer("1"), answer("2"), "error 9")]))),
    Script(
      "a refused member comes once",
      .client(batch(request("1"), bad, request("2")), .replace(.badParams, by: [batch(request("1"), request("2"))])),
      .server(answer("1"), .replace(nil, by: [answer("1"), "[error 9]"])), .server(answer("2"))),
    Script(
      "all are refused", .client(batch(bad, request("null")), .refuse(.badParams, answer: ["[error 9,error null]"]))),
    Script(
      "only notifications are left",
      .client(batch(notification, bad), .replace(.badParams, by: ["[\(notification)]"], answer: ["[error 9]"]))),
    Script(
      "a malformed notification",
      .client(batch(request("1"), #"{"jsonrpc":"2.0","method":3}"#), .replace(.badMethod, by: [batch(request("1"))])),
      .server(batch(answer("1")))),
    Script(
      "members that are no messages",
      .client(batch("1", "null", "[]", request("1")), .replace(.notAnObject, by: [batch(request("1"))]))),
    Script("a batch in a batch", .client(batch(batch(request("1"))), .refuse(.notAnObject, answer: ["[error 1]"]))),
    Script(
      "a duplicate of one in flight", .client(request("1")),
      .client(batch(request("1"), request("2")), .replace(.duplicateID, by: [batch(request("2"))])),
      .server(answer("1")), .server(answer("2"), .replace(nil, by: [answer("2"), "[error 1]"]))),
    Script(
      "a duplicate within",
      .client(batch(request("1"), request("1")), .replace(.duplicateID, by: [batch(request("1"))]))),
    Script(
      "spaces and key order are kept",
      .client(
        batch(#" {"method":"x", "id":1,  "jsonrpc":"2.0"}"#, bad),
        .replace(.badParams, by: [#"[{"method":"x", "id":1,  "jsonrpc":"2.0"}]"#]))),
    Script(
      "broken as a whole",
      .client(batch(request("1"), request("2")) + "]", .refuse(.trailingContent, answer: ["error 1", "error 2"]))),
    Script(
      "answers of the client", .server(request("1", "ping")),
      .client(batch(answer("1"), answer("2")), .replace(.unknownID, by: [batch(answer("1"))]))),
    Script("a cancellation within", .client(request("1")), .client(batch(cancellation("1"), request("1")))),
  ]

  static let fromServer: [Script] = [
    Script(
      "unknown ids are dropped", .client(request("1")),
      .server(batch(answer("1"), answer("7")), .replace(.unknownID, by: [batch(answer("1"))]))),
    Script("only unknown ids", .server(batch(answer("7"), answer("8")), .refuse(.unknownID))),
    Script(
      "requests and notifications", .server(batch(request("1", "ping"), notification)), .client(batch(answer("1")))),
    Script(
      "a malformed request is answered to the server",
      .server(batch(bad, notification), .replace(.badParams, by: ["[\(notification)]"], answer: ["[error 9]"]))),
    Script(
      "a malformed answer that is waited for", .client(request("1")), .client(request("2")),
      .server(
        batch(#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#, answer("2")),
        .replace(.ambiguousKind, by: [batch(answer("2"), "error 1")]))),
    Script(
      "only a malformed answer that is waited for", .client(request("1")),
      .server(batch(#"{"jsonrpc":"1.0","id":1,"result":1}"#), .replace(.badVersion, by: ["[error 1]"]))),
    Script(
      "broken as a whole", .client(batch(request("1"), request("2"))),
      .server("[\(answer("1")),\(answer("2", "NaN"))]", .replace(.notANumber, by: ["error 1", "error 2"]))),
    Script(
      "the refusal goes even with an answer that is malformed",
      .client(batch(request("1"), bad), .replace(.badParams, by: [batch(request("1"))])),
      .server(answer("1", "NaN"), .replace(.notANumber, by: ["error 1", "error 9"]))),
  ]

  static let lost: [Script] = [
    Script(
      "a request that is cancelled in its own batch",
      .client(
        batch(request("1"), cancellation("1"), bad),
        .replace(.badParams, by: [batch(request("1"), cancellation("1"))], answer: ["[error 9]"]))),
    Script(
      "the only request that went through is cancelled",
      .client(batch(request("1"), bad), .replace(.badParams, by: [batch(request("1"))])),
      .client(cancellation("1"), .replace(nil, by: [cancellation("1")], answer: ["[error 9]"]))),
    Script(
      "a late answer that is malformed",
      .client(batch(request("1"), bad), .replace(.badParams, by: [batch(request("1"))])),
      .client(cancellation("1"), .replace(nil, by: [cancellation("1")], answer: ["[error 9]"])),
      .server(answer("1", "NaN"), .refuse(.notANumber))),
  ]

  @Test(arguments: fromClient + fromServer + lost) func `a batch goes as it must where there are batches`(
    script: Script
  ) throws {
    script.play(in: try Dialogue(version: "2025-03-26"))
  }

  @Test(arguments: ["2024-11-05", "2025-06-18", "2025-11-25", "2026-07-28", "2025-03-26 ", ""])
  func `there are no batches in other versions`(version: String) throws {
    let dialogue = try Dialogue(version: version)
    #expect(
      dialogue.client("[\(request("1")),\(request(#""b""#)),\(Self.notification)]")
        == .refuse(.batch, answer: ["error 1", #"error "b""#]))
    #expect(dialogue.client("[]") == .refuse(.batch))
    #expect(dialogue.client(request("1")) == .forward)
    #expect(dialogue.server("[\(answer("1"))]") == .replace(.batch, by: ["error 1"]))
    #expect(dialogue.server("[\(request("2", "ping"))]") == .refuse(.batch, answer: ["error 2"]))
  }

  @Test func `there are no batches before a version is agreed on`() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.client("[\(request("1"))]") == .refuse(.batch, answer: ["error 1"]))
    #expect(dialogue.client(request("0", "initialize", #","params":{"protocolVersion":"2025-03-26"}"#)) == .forward)
    #expect(dialogue.client("[\(request("1"))]") == .refuse(.batch, answer: ["error 1"]))
    // Whatever another answer says of versions, only that of `initialize` counts.
    #expect(dialogue.client(request("1")) == .forward)
    #expect(dialogue.server(answer("1", #"{"protocolVersion":"2025-03-26"}"#)) == .forward)
    #expect(dialogue.client("[\(request("1"))]") == .refuse(.batch, answer: ["error 1"]))
    #expect(dialogue.server(answer("0", #"{"protocolVersion":"2025-03\u002d26"}"#)) == .forward)
    #expect(dialogue.client("[\(request("1"))]") == .forward)
  }

  @Test func `a second agreement replaces the first`() throws {
    let dialogue = try Dialogue(version: "2025-03-26")
    #expect(dialogue.client("[\(request("1"))]") == .forward)
    #expect(dialogue.client(request("0", "initialize")) == .forward)
    #expect(dialogue.server(answer("0", #"{"protocolVersion":"2025-06-18"}"#)) == .forward)
    #expect(dialogue.client("[\(request("2"))]") == .refuse(.batch, answer: ["error 2"]))
  }

  @Test func `an initialization that fails agrees on nothing`() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.client(request("0", "initialize")) == .forward)
    #expect(dialogue.server(failure("0")) == .forward)
    #expect(dialogue.client("[\(request("1"))]") == .refuse(.batch, answer: ["error 1"]))
  }

  @Test func `refusals that wait are sent when the server is gone`() throws {
    let dialogue = try Dialogue(version: "2025-03-26")
    #expect(dialogue.client("[\(request("1")),\(Self.bad)]") == .replace(.badParams, by: ["[\(request("1"))]"]))
    #expect(Outcome.lines(of: dialogue.conversation.giveUp(because: "it exited")) == ["[error 9]", "gone 1"])
    #expect(
      dialogue.client("[\(request("2")),\(Self.bad),\(Self.notification)]")
        == .replace(.serverGone, by: ["[\(Self.notification)]"], answer: ["[gone 2,error 9]"]))
  }

  @Test func `refusals that wait for what was never delivered do not wait any longer`() throws {
    let dialogue = try Dialogue(version: "2025-03-26")
    let bookmark = dialogue.conversation.bookmark
    #expect(dialogue.client("[\(request("1")),\(Self.bad)]") == .replace(.badParams, by: ["[\(request("1"))]"]))
    dialogue.conversation.missedDelivery(since: bookmark)
    let lines = Outcome.lines(of: dialogue.conversation.giveUpUndelivered(because: "it reads nothing"))
    #expect(lines.sorted() == ["[error 9]", "gone 1"])
  }

  @Test func `every request of a large batch is answered`() throws {
    let ids = (0..<2000).map { "\($0)" }
    let batch = "[" + ids.map { request($0) }.joined(separator: ",") + "]"
    let expected = Outcome.refuse(.batch, answer: ids.map { "error \($0)" })
    let outcome = try Dialogue().client(batch)
    let isRight = outcome == expected
    #expect(isRight)
  }

  @Test func `a line keeps its end when refusals follow it`() throws {
    let dialogue = try Dialogue(version: "2025-03-26")
    #expect(dialogue.client("[\(request("1")),\(Self.bad)]") == .replace(.badParams, by: ["[\(request("1"))]"]))
    let bytes = try #require(dialogue.serverBytes(" " + answer("1") + " ", end: "\r\n"))
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(" " + answer("1") + " \r\n[{"))
  }

  @Test func `a refusal never shares a line with an answer that did not end`() throws {
    let dialogue = try Dialogue(version: "2025-03-26")
    #expect(dialogue.client("[\(request("1")),\(Self.bad)]") == .replace(.badParams, by: ["[\(request("1"))]"]))
    let outcome = dialogue.server(answer("1"), end: "")
    #expect(outcome == .replace(nil, by: [answer("1"), "[error 9]"]))
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func `every request of random batches is answered once`(seed: UInt64) throws
  {
    var random = SeededRandom(seed: seed)
    let dialogue = try Dialogue(version: "2025-03-26")
    for round in 0..<20 {
      let count = Int.random(in: 1...6, using: &random)
      let good = (0..<count).filter { _ in !random.oneIn(3) }
      let members = (0..<count).map { good.contains($0) ? request("\($0)") : request("\($0)", "x", #","params":0"#) }
      var answered: [String] = []
      func take(_ outcome: Outcome) {
        guard case .replace(_, let lines, let answer) = outcome else { return }
        answered += (lines + answer).flatMap { $0.split(separator: ",") }.filter { $0.contains("error") }.map {
          String($0.filter(\.isNumber))
        }
      }
      let outcome = dialogue.client("[\(members.joined(separator: ","))]")
      if case .refuse(_, let answer) = outcome {
        answered = answer.flatMap { $0.split(separator: ",") }.map { String($0.filter(\.isNumber)) }
      }
      take(outcome)
      if random.oneIn(2) && !good.isEmpty {
        take(dialogue.server("[\(good.shuffled(using: &random).map { answer("\($0)") }.joined(separator: ","))]"))
      } else {
        for id in good.shuffled(using: &random) { take(dialogue.server(answer("\(id)"))) }
      }
      let refused = (0..<count).filter { !good.contains($0) }.map { "\($0)" }
      #expect(answered.filter { refused.contains($0) }.sorted() == refused, "round \(round)")
    }
  }
}
