import Foundation
import Testing

@testable import GuardCore

@Suite(.serialized)
struct RelayTests {
  @Test func `messages pass byte for byte in both directions`() throws {
    let lines = [
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n",
      "{ \"id\" : \"a\\u0062\" ,\t\"method\":\"tools\\/call\",\"params\":{\"name\":\"é漢😀\",\"n\":[1.50,-0,1e2]},\"jsonrpc\":\"2.0\"}\r\n",
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n",
      "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"method\":\"x/y\",\"params\":{\"t\":\"\u{2028}\"}}\n",
    ]
    let process = try GuardProcess("run", "--", "cat")
    try process.send(lines.joined())
    process.closeInput()
    let ended = try process.end()
    // The server gives the client's requests back as requests of its own; all that is in flight is answered at the end.
    #expect(ended.output.hasPrefix(lines.joined()))
    #expect(ended.status == .exited(code: 0))
    #expect(ended.error == "")
  }

  @Test func `any cut into writes gives the same`() throws {
    let lines = (0..<40).map { "{\"jsonrpc\":\"2.0\",\"method\":\"n/\($0)\",\"params\":{\"t\":\"é\($0)\"}}\r\n" }
      .joined()
    let all = Bytes(lines.utf8)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let process = try GuardProcess("--", "cat")
      var position = 0
      while position < all.count {
        let end = min(all.count, position + Int.random(in: 1...97, using: &generator))
        try process.send(Bytes(all[position..<end]))
        position = end
      }
      process.closeInput()
      #expect(try process.end().output == lines)
    }
  }

  @Test func `a line that can be read in two ways is refused, and the server never sees it`() throws {
    let process = try GuardProcess("--", "sh", "-c", "while read -r line; do echo \"got $line\" >&2; done")
    try process.send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"method\":\"tools/call\"}\n")
    let reply = try process.line()
    #expect(reply.contains("\"id\":7") && reply.contains("40304") && reply.contains("reading/duplicate-key"))
    process.closeInput()
    #expect(try !process.end().error.contains("got"))
  }

  @Test func `a line over the limit is answered to the id at its end`() throws {
    let process = try GuardProcess("run", "--line-limit", "64KiB", "--", "cat")
    let padding = String(repeating: "x", count: 1 << 20)
    try process.send(
      "{\"method\":\"ping\",\"params\":{\"id\":5,\"t\":\"\(padding)\"},\"jsonrpc\":\"2.0\",\"id\":6}\n" + request(8))
    let reply = try process.line()
    #expect(reply.contains("\"id\":6") && reply.contains("reading/line-too-long"))
    #expect(try process.line() == request(8).dropLast())
    process.closeInput()
    #expect(try process.end().status == .exited(code: 0))
  }

  @Test func `what is in flight is answered when the server dies, mid-line or not`() throws {
    let process = try GuardProcess(
      "--", "sh", "-c", "read -r a; read -r b; printf '{\"jsonrpc\":\"2.0\",\"id\":'; exit 3")
    try process.send(request(1) + request(2))
    let ended = try process.end()
    let replies = ended.output.split(separator: "\n")
    #expect(replies.count == 2)
    #expect(replies.allSatisfy { $0.contains("40306") })
    #expect(replies[0].contains("\"id\":1,") && replies[1].contains("\"id\":2,"))
    #expect(ended.status == .exited(code: 3))
  }

  @Test func `what was asked of a server that exits at once is answered`() throws {
    for _ in 0..<30 {
      let process = try GuardProcess("--", "sh", "-c", "exit 9")
      try process.send(request(4))
      let ended = try process.end()
      #expect(ended.output.contains("\"id\":4,") && ended.output.contains("40306"))
      #expect(ended.status == .exited(code: 9))
    }
  }

  @Test func `a client that reads only long after the server's end gets all that it said`() throws {
    // Half a megabyte and a reply behind it: far more than the pipes hold while nobody reads.
    let notice = "{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{\"t\":\"\(String(repeating: "x", count: 200))\"}}"
    let reply = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
    let script =
      "read -r line; i=0; while [ $i -lt 2000 ]; do echo '\(notice)'; i=$((i+1)); done; echo '\(reply)'; echo bye >&2"
    let process = try GuardProcess("--", "sh", "-c", script)
    try process.send(request(1))
    // The server can't end before it has written all but what the pipes hold, so nothing is waited for by the clock.
    process.leaveOutputUnread(for: 900)
    var lines = 0
    while try process.line() != reply { lines += 1 }
    #expect(lines == 2000)
    let ended = try process.end()
    #expect(ended.output == "" && ended.status == .exited(code: 0))
  }

  @Test func `noise of the server does not reach the client`() throws {
    let reply = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}"
    let process = try GuardProcess("--", "printf", "Server started\\n\\n{\"a\":NaN}\\n\(reply)\\nbye")
    let ended = try process.end()
    #expect(ended.output == reply + "\n")
    #expect(ended.error.contains("refused a line of the server"))
  }

  @Test func `a server that reads nothing keeps no request waiting`() throws {
    let process = try GuardProcess("--", "sh", "-c", "exec <&-; echo ready >&2; sleep 60")
    try process.waitForError("ready")
    try process.send(request(1))
    let reply = try process.line()
    #expect(reply.contains("\"id\":1,") && reply.contains("40306"))
    for id in 2...5 {
      try process.send(request(id))
      #expect(try process.line().contains("\"id\":\(id),"))
    }
    process.signal(.terminate)
    #expect(try process.end().status == .killed(by: .terminate))
  }

  @Test func `a client that floods and reads late still gets everything`() throws {
    let process = try GuardProcess("--", "cat")
    let count = 5000
    let lines = (0..<count).map { "{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{\"n\":\($0)}}\n" }
    // More than the pipes hold, with a refusal between any two: the guard has to answer while it is being flooded.
    let refused = "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"n\"}\n"
    let writer = FloodWriter(process, Bytes(lines.map { $0 + refused }.joined().utf8))
    try writer.start()
    var seen: [String] = []
    var refusals = 0
    while seen.count < count || refusals < count {
      let line = try process.line()
      if line.contains("40304") { refusals += 1 } else { seen.append(line + "\n") }
    }
    #expect(seen == lines)
    process.closeInput()
    #expect(try process.end().status == .exited(code: 0))
  }
}

/// Writes from a thread of its own, so that a test can read at the same time.
// @unchecked: the test touches the process's output only, this its input only.
private final class FloodWriter: @unchecked Sendable {
  private let process: GuardProcess
  private let bytes: Bytes

  init(_ process: GuardProcess, _ bytes: Bytes) {
    self.process = process
    self.bytes = bytes
  }

  func start() throws { try GuardCore.Thread.detach { try? self.process.send(self.bytes) } }
}
