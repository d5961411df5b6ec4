import Foundation
import Synchronization

@testable import GuardCore

/// A guard that was started as a client would start it, and what it says; every wait has an end.
final class GuardProcess {
  /// How long anything may take before a test fails instead of hanging.
  static let patience = 20_000
  // Pipes are made and programs started one at a time: a pipe's end that leaked into another child would never close.
  private static let starting = Mutex(())

  let id: Int32
  private let started = Instant.now
  private var input: Int32?
  private let output: Int32
  private let error: Int32
  private var outputSoFar = Bytes()
  private var errorSoFar = Bytes()

  struct Ended: Equatable {
    var output: String
    var error: String
    var status: ExitStatus
    /// How long it took from the last thing that the test did.
    var milliseconds: Int
  }

  struct TimeOut: Error, CustomStringConvertible {
    let description: String
  }

  /// The binary that was built with these tests, or the one that the environment names.
  static var binary: String {
    if let path = ProcessInfo.processInfo.environment["MCP_GUARD_BINARY"] { return path }
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = folder.appendingPathComponent("mcp-guard").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    return "mcp-guard"
  }

  convenience init(_ arguments: String...) throws { try self.init(arguments: arguments) }

  /// Whether a program that a test needs is on this machine.
  static func isInstalled(_ program: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  /// Starts the guard with `arguments`.
  init(arguments: [String]) throws {
    let (id, input, output, error) = try Self.starting.withLock { _ throws -> (Int32, Int32, Int32, Int32) in
      let input = try GuardCore.Pipe()
      let output = try GuardCore.Pipe()
      let error = try GuardCore.Pipe()
      let id = try ChildProcess.start(
        NativeText(Self.binary), arguments: (["mcp-guard"] + arguments).map { NativeText($0) },
        wiring: ChildProcess.Wiring(
          input: input.readEnd.number, output: output.writeEnd.number, error: error.writeEnd.number))
      let ends = (input.release(), output.release(), error.release())
      for theirs in [ends.0.readEnd, ends.1.writeEnd, ends.2.writeEnd] { SystemCalls.close(theirs) }
      return (id, ends.0.writeEnd, ends.1.readEnd, ends.2.readEnd)
    }
    (self.id, self.input, self.output, self.error) = (id, input, output, error)
    Dispositions.ignoreBrokenPipes()
    SystemCalls.makeNonBlocking(output)
    SystemCalls.makeNonBlocking(error)
  }

  deinit {
    closeInput()
    SystemCalls.close(output)
    SystemCalls.close(error)
  }

  func send(_ text: String) throws { try SystemCalls.write(Bytes(text.utf8).span, to: input ?? -1) }
  func send(_ bytes: Bytes) throws { try SystemCalls.write(bytes.span, to: input ?? -1) }

  func closeInput() {
    if let input { SystemCalls.close(input) }
    input = nil
  }

  func signal(_ signal: Signal) { kill(id, signal.number) }

  /// Lets time pass in which a slow client reads nothing.
  func leaveOutputUnread(for milliseconds: Int) { _ = SystemCalls.wait(for: [], milliseconds: milliseconds) }

  /// The next line of the output, without its end.
  func line() throws -> String {
    let deadline = Instant.now + Self.patience
    while true {
      if let end = outputSoFar.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: outputSoFar[..<end], as: UTF8.self)
        outputSoFar.removeFirst(end + 1)
        return line
      }
      if try !readMore(until: deadline) { throw TimeOut(description: "no line; stderr: \(text(errorSoFar))") }
    }
  }

  /// What the guard, or its server, says on stderr, up to and including `text`.
  func waitForError(_ expected: String) throws {
    let deadline = Instant.now + Self.patience
    while !text(errorSoFar).contains(expected) {
      if try !readMore(until: deadline) { throw TimeOut(description: "no \(expected) in \(text(errorSoFar))") }
    }
  }

  /// The first line of what was read of stderr so far.
  var firstErrorLine: String { String(text(errorSoFar).prefix { $0 != "\n" }) }

  /// Waits for the end, reading everything.
  func end() throws -> Ended {
    let start = Instant.now
    let deadline = start + Self.patience
    while true {
      var status: Int32 = 0
      if waitpid(id, &status, WNOHANG) == id {
        let milliseconds = Instant.now.milliseconds - start.milliseconds
        while try readMore(until: Instant.now) {}
        return Ended(
          output: text(outputSoFar), error: text(errorSoFar), status: ExitStatus(waitStatus: status),
          milliseconds: milliseconds)
      }
      guard Instant.now < deadline else {
        kill(id, SIGKILL)
        throw TimeOut(description: "the guard did not end; stderr: \(text(errorSoFar))")
      }
      _ = try readMore(until: Instant.now + 5)
    }
  }

  /// Reads what comes before `deadline`; false when nothing came.
  private func readMore(until deadline: Instant) throws -> Bool {
    let left = deadline.milliseconds - Instant.now.milliseconds
    let ready = SystemCalls.wait(
      for: [SystemCalls.Watched(output, .readable), SystemCalls.Watched(error, .readable)],
      milliseconds: max(0, left))
    var count = 0
    if ready[0] {
      let piece = (try? SystemCalls.readOnce(output, atMost: 1 << 16)) ?? []
      outputSoFar.append(contentsOf: piece)
      count += piece.count
    }
    if ready[1] {
      let piece = (try? SystemCalls.readOnce(error, atMost: 1 << 16)) ?? []
      errorSoFar.append(contentsOf: piece)
      count += piece.count
    }
    return count > 0
  }

  private func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Waits until `condition` holds, for as long as anything may take.
func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = Instant.now + GuardProcess.patience
  while Instant.now < deadline {
    if condition() { return true }
    _ = SystemCalls.wait(for: [], milliseconds: 2)
  }
  return false
}

/// Whether a process with this number runs.
func isRunning(_ id: Int32) -> Bool { ProcessIdentity(id: id)?.isAlive ?? false }

/// A request, as a line.
func request(_ id: Int, _ method: String = "ping") -> String {
  "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"\(method)\"}\n"
}

#if os(Linux)
  /// Whether any process has `argument` among its arguments.
  func isAnyoneRunning(withArgument argument: String) -> Bool {
    ProcessTable.all().contains { entry in
      guard entry.state != .ended, let line = try? SystemFile.contents(of: "/proc/\(entry.id)/cmdline") else {
        return false
      }
      return String(decoding: line, as: UTF8.self).split(separator: "\0").contains { $0 == argument }
    }
  }
#endif
