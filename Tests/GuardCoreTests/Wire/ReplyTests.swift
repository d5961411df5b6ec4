import Foundation
import Testing

@testable import GuardCore

@Suite struct ReplyTests {
  private static let ids: [MessageID] =
    [.integer(0), .integer(-7), .integer(.max), .digits(Bytes("123456789012345678901234567890".utf8))]
    + [
      "", "1", "a \"quoted\" id", "back\\slash", "line\nbreak\r\t", "\u{0}\u{1}\u{1f}\u{7f}", "é😀\u{2028}",
      "{\"id\":1}",
    ].map {
      .text(Bytes($0.utf8))
    }

  @Test(arguments: ids) func `a refusal is one line that echoes the id`(id: MessageID) throws {
    for flaw in Flaw.allCases {
      let reply = try parse(Reply.refusal(of: id, for: Fault(flaw, at: 42)))
      #expect(reply.id == id)
      #expect(reply.code == 40304)
      #expect(reply.message.contains(flaw.explanation))
      #expect(reply.message.hasPrefix("refused by mcp-guard: "))
      #expect(reply.decision["decision"] as? String == "deny")
      #expect(reply.decision["reason"] as? String == flaw.name)
      #expect(reply.decision["offset"] as? Int == 42)
    }
  }

  @Test(arguments: ids) func `what a server that is gone leaves is answered in one line`(id: MessageID) throws {
    let reply = try parse(Reply.serverGone(id, "the server \"x\\y\"\n\u{1b}[31mwas killed\u{0}"))
    #expect(reply.id == id)
    #expect(reply.code == 40306)
    #expect(reply.message == "mcp-guard: the server \"x\\y\"\n\u{1b}[31mwas killed\u{0}")
    #expect(reply.decision["reason"] as? String == "server-gone")
    #expect(reply.decision["offset"] == nil)
  }

  @Test func `whoever cannot be named is answered with null`() throws {
    let reply = try parse(Reply.lines(of: [Reply.refusalObject(of: nil, for: Fault(.badID, at: 3))]))
    #expect(reply.id == nil)
    #expect(reply.decision["offset"] as? Int == 3)
  }

  @Test func `the codes lie outside what JSON-RPC reserves`() {
    for code in [ReplyCode.malformed, .serverGone] { #expect(!(-32768...(-32000)).contains(code.rawValue)) }
  }

  @Test func `every flaw has a name and an explanation of its own`() {
    #expect(Set(Flaw.allCases.map(\.name)).count == Flaw.allCases.count)
    #expect(Set(Flaw.allCases.map(\.explanation)).count == Flaw.allCases.count)
    for flaw in Flaw.allCases {
      #expect(flaw.name.allSatisfy { $0.isLowercase || $0 == "-" || $0 == "/" || $0 == "8" }, "\(flaw.name)")
      #expect(!flaw.explanation.hasSuffix("."))
    }
  }

  @Test func `several answers are several lines, or one batch`() throws {
    let objects = [1, 2, 3].map { Reply.refusalObject(of: .integer($0), for: Fault(.batch, at: 0)) }
    let lines = Reply.lines(of: objects)
    #expect(lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count == 4)
    #expect(lines.last == UInt8(ascii: "\n"))
    let batch = Reply.batch(of: objects)
    #expect(batch.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    #expect(batch.last == UInt8(ascii: "\n"))
    let members = try #require(try JSONSerialization.jsonObject(with: Data(batch)) as? [[String: Any]])
    #expect(members.map { $0["id"] as? Int } == [1, 2, 3])
    #expect(Reply.lines(of: []) == [])
  }

  private struct Parsed {
    let id: MessageID?
    let code: Int
    let message: String
    let decision: [String: Any]
  }

  private func parse(_ line: Bytes) throws -> Parsed {
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(line.filter { $0 < 0x20 } == [UInt8(ascii: "\n")])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    #expect(Set(object.keys) == ["jsonrpc", "id", "error"])
    #expect(object["jsonrpc"] as? String == "2.0")
    let error = try #require(object["error"] as? [String: Any])
    let data = try #require(error["data"] as? [String: Any])
    let decision = try #require(data["io.mcp-guard/decision"] as? [String: Any])

    // The id's spelling is lost to a parser that knows numbers, so it is read again by one that doesn't.
    var scanner = try JSONScanner(textLimit: 1 << 26)
    try scanner.scan(line.span)
    let place = scanner.tape.value(of: "id", in: 0, line.span)
    let id = place.flatMap { MessageID(scanner.tape, at: $0, of: line.span) }
    if id == nil { #expect(object["id"] is NSNull) }
    return Parsed(
      id: id, code: try #require(error["code"] as? Int), message: try #require(error["message"] as? String),
      decision: decision)
  }
}
