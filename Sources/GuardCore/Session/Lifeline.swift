import Synchronization

/// A process of our own that outlives us, to take the server down when we were killed and could not.
///
/// It holds a pipe whose other end only we have, and a second copy of the server's input. When we die without a word
/// the pipe ends; the server's input does not, so the server can't leave by itself, and lose track of what it started,
/// before the lifeline has looked at all of it.
package enum Lifeline {
  /// The guard's command that is one.
  package static let command = "lifeline"

  private enum Word {
    /// The client has closed the server's input: let go of the copy.
    static let releaseInput = UInt8(ascii: "i")
    /// The server has ended, and so do we: leave everything as it is.
    static let farewell = UInt8(ascii: "f")
  }

  /// The guard's end, spoken to from whichever thread.
  package final class Handle: Sendable {
    private struct State: ~Copyable {
      var words: Descriptor?
      var id: Int32?
      var isInputReleased = false
    }

    private let state = Mutex(State())

    package init() {}

    /// The lifeline's process, which is nobody's to signal.
    package var id: Int32? { state.withLock { $0.id } }

    /// Starts the process that watches over `server`, whose input is written to `input`.
    package func start(for server: ProcessIdentity, input: borrowing Descriptor) throws(Errno) {
      let pipe = try Pipe()
      let null = try SystemCalls.openNull()
      let id = try ChildProcess.start(
        ThisProcess.executable, arguments: ["mcp-guard", command, "\(server.id)", "\(server.startTime)"],
        wiring: ChildProcess.Wiring(input: pipe.readEnd.number, output: input.number, error: null.number))
      var words: Descriptor? = pipe.writeEnd
      state.withLock { state in
        state.id = id
        state.words = words.take()
        if state.isInputReleased { say(Word.releaseInput, state.words) }
      }
    }

    /// Makes the lifeline let go of the server's input, so that its end reaches the server.
    package func releaseInput() {
      state.withLock { state in
        state.isInputReleased = true
        say(Word.releaseInput, state.words)
      }
    }

    /// Makes the lifeline leave without doing anything.
    package func farewell() { state.withLock { state in say(Word.farewell, state.words) } }

    private func say(_ word: UInt8, _ words: borrowing Descriptor?) {
      let bytes: Bytes = [word]
      switch words {
      case .some(let words): _ = try? SystemCalls.writeOnce(bytes.span, to: words.number)
      case .none: break
      }
    }
  }

  /// The life of the process: standard input is the pipe, standard output the copy of the server's input.
  package static func watch(over server: ProcessIdentity) -> Never {
    for signal in [Signal.terminate, .hangUp, .interrupt, .quit, .user1, .user2] { Dispositions.ignore(signal) }
    Dispositions.ignoreBrokenPipes()
    ThisProcess.detachFromClient(keepingDescriptorsTo: 2)
    ThisProcess.forgetStartupCode()
    while let words = try? SystemCalls.readOnce(0, atMost: 16), !words.isEmpty {
      if words.contains(Word.releaseInput) { SystemCalls.replaceWithNull(1) }
      if words.contains(Word.farewell) { ThisProcess.exit(0) }
    }
    server.send(.stop)
    ProcessTree(root: server.id).killDescendants()
    server.send(.kill)
    ThisProcess.exit(0)
  }
}
