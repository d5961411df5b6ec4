import Foundation
import Testing

@testable import GuardCore

/// What a client, and the machine, may expect of whoever starts a server.
@Suite(.serialized)
struct ParentTests {
  @Test(arguments: [0, 1, 7, 255])
  func `the exit status is the server's`(code: Int) throws {
    #expect(try GuardProcess("--", "sh", "-c", "exit \(code)").end().status == .exited(code: Int32(code)))
  }

  @Test(arguments: [Signal.terminate, .kill, .interrupt, Signal(number: 6), Signal(number: 11)])
  func `a server's signal is the guard's`(signal: Signal) throws {
    let process = try GuardProcess("--", "sh", "-c", "kill -\(signal.number) $$")
    #expect(try process.end().status == .killed(by: signal))
  }

  @Test func `a command that does not exist is told of on stderr and to the first request`() throws {
    let process = try GuardProcess("run", "--server", "git", "--", "no-such-command-anywhere")
    try process.send(request(0, "initialize"))
    let ended = try process.end()
    #expect(ended.status == .exited(code: 127))
    #expect(ended.output.contains("\"id\":0,") && ended.output.contains("40306"))
    #expect(ended.error.hasPrefix("mcp-guard: error: cannot start no-such-command-anywhere: no such file"))
    #expect(ended.error.contains("\nmcp-guard: hint: "))
  }

  @Test func `a client that goes away from a command that does not exist is not waited for`() throws {
    let process = try GuardProcess("--", "/no/such/file")
    process.closeInput()
    let ended = try process.end()
    #expect(ended.status == .exited(code: 127))
    #expect(ended.milliseconds < 2000)
  }

  @Test func `commands are found as execvp finds them`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guard-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appendingPathComponent("no-first-line").path
    try Data("echo \"$0 $1\" >&2; exit 5\n".utf8).write(to: URL(fileURLWithPath: script))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    // A script without a first line is for the shell, and gets its own path as its name.
    let ended = try GuardProcess("--", script, "word").end()
    #expect(ended.status == .exited(code: 5))
    #expect(ended.error == "\(script) word\n")

    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: script)
    let refused = try GuardProcess("--", script)
    refused.closeInput()
    let denied = try refused.end()
    #expect(denied.status == .exited(code: 127))
    #expect(denied.error.contains("permission denied"))
  }

  @Test func `the server gets the folder, the environment and the arguments as they are`() throws {
    let process = try GuardProcess(
      "--", "sh", "-c", "pwd -P >&2; printf '%s|' \"$HOME\" \"$@\" >&2", "sh", "a b", "", "--", "*")
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    let folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).resolvingSymlinksInPath().path
    #expect(try process.end().error == "\(folder)\n\(home)|a b||--|*|")
  }

  #if os(Linux)
    @Test func `the server gets no descriptor but its own three, and no signal out of the ordinary`() throws {
      // What the tests themselves have left open on the way to the guard is closed by the shell before.
      // And looked at without opening any, as a pipe of the shell's or a list of its folder would.
      let look = "for d in $(seq 0 300); do [ -e /proc/$$/fd/$d ] && printf '%s ' $d >&2; done"
      let report = "\(look); grep -E '^Sig(Blk|Ign|Cgt)' /proc/$$/status >&2"
      let close = "for d in /proc/$$/fd/*; do d=${d##*/}; [ $d -gt 2 ] && eval \"exec $d>&-\"; done"
      let process = try GuardProcess(
        "--", "bash", "-c", "\(close); exec '\(GuardProcess.binary)' -- sh -c \"$1\"", "", report)
      let error = try process.end().error
      #expect(error.hasPrefix("0 1 2 Sig"))
      let masks = error.split(separator: "\n").filter { $0.hasPrefix("SigBlk") || $0.hasPrefix("SigIgn") }
      for mask in masks { #expect(mask.hasSuffix("0000000000000000"), "\(mask)") }
    }
  #endif

  @Test func `stderr passes whole and in order, the last of it too`() throws {
    let process = try GuardProcess("--", "sh", "-c", "for i in 1 2 3; do echo line $i >&2; done; printf end >&2")
    #expect(try process.end().error == "line 1\nline 2\nline 3\nend")
  }

  @Test func `the last words of a server that had long been silent are heard`() throws {
    for _ in 0..<10 {
      let process = try GuardProcess("--", "sh", "-c", "read -r line; echo dying >&2; exit 3")
      // Longer than a queue of stderr is left untaken before it is taken for stuck.
      process.leaveOutputUnread(for: 120)
      try process.send(request(1))
      let ended = try process.end()
      #expect(ended.error == "dying\n" && ended.status == .exited(code: 3))
    }
  }

  @Test func `arguments that are not UTF-8 arrive as they are`() throws {
    // The shell makes the byte, and shows what became of it: a guard in between must not change it.
    let script =
      "exec '\(GuardProcess.binary)' -- sh -c 'printf %s \"$1\" | od -An -tx1 >&2' sh \"$(printf 'caf\\351')\""
    #expect(try GuardProcess("--", "sh", "-c", script).end().error.contains("63 61 66 e9"))
  }

  @Test(.enabled(if: GuardProcess.isInstalled("python3"), "needs python3"))
  func `signals that the client has blocked are heard all the same`() throws {
    let script = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGTERM, signal.SIGURG])
      os.execv(sys.argv[1], [sys.argv[1], "--", "sh", "-c", "read line; exit 5"])
      """
    let process = try GuardProcess("--", "python3", "-c", script, GuardProcess.binary)
    try process.send(request(1))
    #expect(try process.end().status == .exited(code: 5))
  }

  @Test func `a flood of stderr that nobody reads blocks nothing`() throws {
    // Four megabytes before the answer: far more than any pipe holds.
    let flood = "head -c 4194304 /dev/zero | tr '\\0' e >&2"
    let reply = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
    let process = try GuardProcess("--", "sh", "-c", "\(flood); read -r line; echo '\(reply)'; cat >/dev/null")
    try process.send(request(1))
    #expect(eventually { (try? process.line()) == reply })
    process.closeInput()
    #expect(try process.end().status == .exited(code: 0))
  }

  @Test func `a child that floods the output after the server's end does not keep the guard`() throws {
    let line = "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}"
    let process = try GuardProcess("--", "sh", "-c", "yes '\(line)' & exit 3")
    let ended = try process.end()
    #expect(ended.status == .exited(code: 3) && ended.milliseconds < 5000)
  }

  @Test func `a server that leaves a child behind when it exits is not waited for, and the child is left alone`() throws
  {
    let process = try GuardProcess("--", "sh", "-c", "sleep 30 & echo $! >&2")
    let ended = try process.end()
    #expect(ended.status == .exited(code: 0))
    #expect(ended.milliseconds < 5000)
    let child = try #require(Int32(ended.error.split(separator: "\n").first ?? ""))
    #expect(isRunning(child))
    kill(child, SIGKILL)
  }
}
