import Synchronization

/// What goes to our stderr: the server's own, and notes of the guard.
///
/// The server's stderr is always read, so that a full pipe never stops it for long. Ours may well be read by nobody, so
/// it is written only when that can't block; when nobody has taken anything for a while, the oldest goes.
package final class Diagnostics: Sendable {
  private struct State {
    var queue = DroppingQueue()
    var isFinishing = false
    var whenFinished: (@Sendable () -> Void)?
  }

  /// How long nothing may be taken before the server is no longer held up by that.
  private static let patience = 100

  private let state = Mutex(State())
  private let server: String
  private let wake: Pipe
  private let output: Int32

  /// Notes are about the server of this name.
  package init(server: String) throws(Errno) {
    self.server = PrintableText.escaped(server)
    output = SystemCalls.openTerminal(at: 2) ?? 2
    wake = try Pipe()
    SystemCalls.makeNonBlocking(wake.readEnd.number)
    SystemCalls.makeNonBlocking(wake.writeEnd.number)
  }

  /// Says something to whoever reads the server's stderr.
  package func note(_ text: String) {
    enqueue(line(text))
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

  private func line(_ text: String) -> Bytes { Bytes("mcp-guard: note: \(server): \(text)\n".utf8) }

  private func run(_ source: Int32) {
    var isOpen = true
    // Since when something waits that nobody takes.
    var lastTaken = Instant.now
    var wasEmpty = true
    while true {
      let (isFinishing, queued) = state.withLock { ($0.isFinishing, $0.queue.count) }
      if wasEmpty { lastTaken = .now }
      wasEmpty = queued == 0
      let isStuck = lastTaken + Self.patience < .now
      if isFinishing && isOpen {
        // The server has ended: what is in the pipe now is all that it ever said.
        isOpen = drain(source) && false
        continue
      }
      if isFinishing && (queued == 0 || isStuck) { break }

      let isReading = isOpen && (queued < DroppingQueue.capacity || isStuck)
      var watched = [SystemCalls.Watched(wake.readEnd.number, .readable)]
      if isReading { watched.append(SystemCalls.Watched(source, .readable)) }
      if queued > 0 { watched.append(SystemCalls.Watched(output, .writable)) }
      let isPatient = isFinishing || (isOpen && !isReading)
      let ready = SystemCalls.wait(for: watched, milliseconds: isPatient ? Self.patience + 1 : nil)
      if ready[0] { SystemCalls.silence(wake.readEnd.number) }
      if queued > 0 && ready[watched.count - 1] {
        if writePieces() { lastTaken = .now }
      }
      if isReading && ready[1] { isOpen = drain(source) }
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

  private func enqueue(_ bytes: Bytes) { state.withLock { $0.queue.append(bytes) } }

  /// Writes the queue for as long as that can't block; false when nothing was taken. What never will be is forgotten.
  private func writePieces() -> Bool {
    let watched = SystemCalls.Watched(output, .writable)
    repeat {
      let piece = state.withLock { state -> Bytes in
        let dropped = state.queue.takeDropped()
        if dropped > 0 {
          state.queue.prepend(line("\(dropped) bytes of stderr were dropped, because nobody read them"))
        }
        return state.queue.first(SystemCalls.pieceThatNeverBlocks)
      }
      if piece.isEmpty { return true }
      do throws(Errno) {
        let written = try SystemCalls.writeOnce(piece.span, to: output)
        state.withLock { $0.queue.removeFirst(written) }
      } catch {
        if error == .wouldBlock { return false }
        state.withLock { $0.queue.removeFirst($0.queue.count) }
      }
    } while SystemCalls.wait(for: [watched], milliseconds: 0)[0]
    return true
  }
}
