import Synchronization

/// What goes to our stderr: the server's own, and notes of the guard.
///
/// The server's stderr is always read, so that a full pipe never stops it. Ours may well be read by nobody, so it is
/// written only when that can't block, and when too much waits the oldest goes.
package final class Diagnostics: Sendable {
  private struct State {
    var queue = Bytes()
    var dropped = 0
    var isFinishing = false
    var whenFinished: (@Sendable () -> Void)?
  }

  private static let mostQueued = 256 * 1024
  /// What a pipe that is writable takes without blocking.
  private static let pieceSize = 4096
  private static let patience = 100
  private static let standardError: Int32 = 2

  private let state = Mutex(State())
  private let server: String
  private let wake: Pipe

  /// Notes are about the server of this name.
  package init(server: String) throws(Errno) {
    self.server = PrintableText.escaped(server)
    wake = try Pipe()
    SystemCalls.makeNonBlocking(wake.readEnd.number)
    SystemCalls.makeNonBlocking(wake.writeEnd.number)
  }

  /// Says something to whoever reads the server's stderr.
  package func note(_ text: String) {
    enqueue(Bytes("mcp-guard: note: \(server): \(text)\n".utf8))
    SystemCalls.ring(wake.writeEnd.number)
  }

  /// Starts to read the server's stderr from `source`.
  package func start(reading source: consuming Descriptor) throws(Errno) {
    let descriptor = source.release()
    SystemCalls.makeNonBlocking(descriptor)
    try Thread.detach { self.run(descriptor) }
  }

  /// Writes what is left, as long as anybody takes it, and says when that is done.
  package func finish(then whenFinished: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.isFinishing = true
      state.whenFinished = whenFinished
    }
    SystemCalls.ring(wake.writeEnd.number)
  }

  private func run(_ source: Int32) {
    var isOpen = true
    while true {
      let isFinishing = state.withLock { $0.isFinishing }
      if isFinishing && isOpen {
        // The server has ended: what is in the pipe now is all that it ever said.
        _ = drain(source)
        isOpen = false
      }
      let hasQueue = state.withLock { !$0.queue.isEmpty }
      if isFinishing && !hasQueue { break }

      var watched = [SystemCalls.Watched(wake.readEnd.number, .readable)]
      if isOpen { watched.append(SystemCalls.Watched(source, .readable)) }
      if hasQueue { watched.append(SystemCalls.Watched(Self.standardError, .writable)) }
      let ready = SystemCalls.wait(for: watched, milliseconds: isFinishing ? Self.patience : nil)
      if ready[0] { SystemCalls.silence(wake.readEnd.number) }
      if isOpen && ready[1] { isOpen = drain(source) }
      let canWrite = hasQueue && ready[watched.count - 1]
      if canWrite && !writePiece() { state.withLock { $0.queue = [] } }
      if isFinishing && !canWrite { break }
    }
    state.withLock { $0.whenFinished }?()
  }

  /// Reads what is there of the server's stderr; false when nothing will come any more.
  private func drain(_ source: Int32) -> Bool {
    // Bounded, so that a server that floods its stderr doesn't keep us from writing it.
    for _ in 0..<16 {
      do throws(Errno) {
        let bytes = try SystemCalls.readOnce(source, atMost: 16 * 1024)
        if bytes.isEmpty { return false }
        enqueue(bytes)
      } catch {
        return error == .wouldBlock
      }
    }
    return true
  }

  private func enqueue(_ bytes: Bytes) {
    state.withLock { state in
      state.queue.append(contentsOf: bytes)
      let excess = state.queue.count - Self.mostQueued
      if excess <= 0 { return }
      // Whole lines go, where there are lines.
      let lineEnd = state.queue[excess...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? excess
      state.queue.removeFirst(lineEnd)
      state.dropped += lineEnd
    }
  }

  /// Writes a piece of the queue, which must not block; false when nobody will ever read it.
  private func writePiece() -> Bool {
    let piece = state.withLock { state -> Bytes in
      if state.dropped > 0 {
        let note =
          "mcp-guard: note: \(server): \(state.dropped) bytes of stderr were dropped, because nobody read them\n"
        state.queue = Bytes(note.utf8) + state.queue
        state.dropped = 0
      }
      return Bytes(state.queue.prefix(Self.pieceSize))
    }
    guard let written = try? SystemCalls.writeOnce(piece.span, to: Self.standardError) else { return false }
    state.withLock { $0.queue.removeFirst(min(written, $0.queue.count)) }
    return true
  }
}
