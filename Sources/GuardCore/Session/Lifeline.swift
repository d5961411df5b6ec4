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

  /// The guard's end.
  package final class Handle: Sendable {
    /// Its process, which is nobody's to signal.
    package let id: Int32
    private let words: Descriptor

    fileprivate init(id: Int32, words: consuming Descriptor) {
      self.id = id
      self.words = words
    }

    package func releaseInput() { say(Word.releaseInput) }
    package func farewell() { say(Word.farewell) }

    private func say(_ word: UInt8) {
      let bytes: Bytes = [word]
      _ = try? SystemCalls.writeOnce(bytes.span, to: words.number)
    }
  }

  /// Starts the process that watches over `server`, whose input is written to `input`.
  package static func start(for server: ProcessIdentity, input: Int32) throws(Errno) -> Handle {
    let pipe = try Pipe()
    let null = try SystemCalls.openNull()
    let id = try ChildProcess.start(
      ThisProcess.executable, arguments: ["mcp-guard", command, "\(server.id)", "\(server.startTime)"],
      wiring: ChildProcess.Wiring(input: pipe.readEnd.number, output: input, error: null.number))
    return Handle(id: id, words: pipe.writeEnd)
  }

  /// The life of the process: standard input is the pipe, standard output the copy of the server's input.
  package static func watch(over server: ProcessIdentity) -> Never {
    for signal in [Signal.terminate, .hangUp, .interrupt, .quit, .user1, .user2] { Dispositions.ignore(signal) }
    Dispositions.ignoreBrokenPipes()
    ThisProcess.detachFromClient(keepingDescriptorsTo: 2)
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
