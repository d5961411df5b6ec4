import Foundation
import Testing

@testable import GuardCore

/// Whoever dies first: nobody else hangs, and nobody is left over.
@Suite(.serialized)
struct StopTests {
  /// A server that ignores everything that it can, with a child that does so too; it says both numbers.
  private static let stubborn = """
    trap '' TERM INT HUP; sh -c 'trap "" TERM INT HUP; while :; do sleep 1; done' & echo "$$ $!" >&2; while :; do sleep 1; done
    """

  private func startStubborn() throws -> (GuardProcess, server: Int32, child: Int32) {
    let process = try GuardProcess("--", "sh", "-c", Self.stubborn)
    try process.waitForError("\n")
    let numbers = process.firstErrorLine.split(separator: " ").compactMap { Int32($0) }
    return (process, try #require(numbers.first), try #require(numbers.last))
  }

  @Test(arguments: [Signal.terminate, .hangUp, .interrupt])
  func `after a signal everything is down within 1.5 s, whatever it ignores`(signal: Signal) throws {
    let (process, server, child) = try startStubborn()
    process.signal(signal)
    let ended = try process.end()
    #expect(ended.milliseconds < 1500)
    #expect(ended.status == .killed(by: .kill))
    #expect(!isRunning(server) && !isRunning(child))
  }

  @Test func `when the guard is killed nothing is left of the server`() throws {
    let (process, server, child) = try startStubborn()
    process.signal(.kill)
    #expect(try process.end().status == .killed(by: .kill))
    #expect(eventually { !isRunning(server) && !isRunning(child) })
  }

  @Test func `when the guard is killed a server that would leave on its own takes its child along`() throws {
    let process = try GuardProcess("--", "sh", "-c", "sleep 60 & echo $! >&2; cat")
    try process.waitForError("\n")
    let child = try #require(Int32(process.firstErrorLine))
    process.signal(.kill)
    #expect(try process.end().status == .killed(by: .kill))
    #expect(eventually { !isRunning(child) })
  }

  @Test func `the end of the input reaches the server, and its leaving is the client's business`() throws {
    let process = try GuardProcess("--", "sh", "-c", "cat; echo leaving >&2; exit 4")
    process.closeInput()
    let ended = try process.end()
    #expect(ended.status == .exited(code: 4))
    #expect(ended.error == "leaving\n")
  }

  @Test func `a server that obeys a signal is mirrored`() throws {
    let process = try GuardProcess("--", "sh", "-c", "trap 'exit 9' TERM; echo up >&2; while :; do sleep 0.01; done")
    try process.waitForError("up")
    process.signal(.terminate)
    #expect(try process.end().status == .exited(code: 9))
  }

  @Test func `a client that crashes takes a server that ignores everything with it`() throws {
    var stubborn: (process: GuardProcess, server: Int32, child: Int32)? = try startStubborn()
    let (id, server, child) = try #require(stubborn.map { ($0.process.id, $0.server, $0.child) })
    // Closes all pipes at once, as the kernel does for a process that dies.
    stubborn = nil
    #expect(eventually { !isRunning(server) && !isRunning(child) && !isRunning(id) })
    var status: Int32 = 0
    waitpid(id, &status, 0)
  }

  @Test func `a client that crashes takes a server with it that has closed its output`() throws {
    var process: GuardProcess? = try GuardProcess(
      "--", "sh", "-c", "echo $$ >&2; exec >&-; trap '' TERM; while :; do sleep 1; done")
    try process?.waitForError("\n")
    let server = try #require(process.flatMap { Int32($0.firstErrorLine) })
    let id = try #require(process?.id)
    process = nil
    #expect(eventually { !isRunning(server) && !isRunning(id) })
    var status: Int32 = 0
    waitpid(id, &status, 0)
  }

  @Test func `a signal that is the server's own business is passed on`() throws {
    let process = try GuardProcess("--", "sh", "-c", "trap 'exit 6' USR1; echo up >&2; while :; do sleep 0.01; done")
    try process.waitForError("up")
    process.signal(.user1)
    #expect(try process.end().status == .exited(code: 6))
  }

  #if os(Linux)
    @Test func `a guard that is killed at any moment of its start leaves nothing behind`() throws {
      for round in 0..<60 {
        let mark = "mark-\(ThisProcess.id)-\(round)"
        let process = try GuardProcess("--", "sh", "-c", "sleep 60 & sleep 60", mark)
        // Spread over the few milliseconds that a start takes.
        let moment = Instant.now + round % 6
        while Instant.now < moment {}
        process.signal(.kill)
        _ = try process.end()
        #expect(eventually { !isAnyoneRunning(withArgument: mark) })
      }
    }
  #endif
}
