import Synchronization

/// A process of our own that outlives us, to take the server down when we were killed and could not.
///
/// It holds a pipe whose other end only we have, and a second copy of the server's input. When we die without a word
/// the pipe ends; the server's input does not, so the server can't leave by itself, and lose track of what it started,
/// before the lifeline has looked at all of it. Started before the server, it leaves no moment unwatched.
package enum Lifeline {
  /// The guard's command that is one.
  package static let command = "lifeline"

  /// What it is told, each as a line.
  private enum Word {
    /// The server has been started: its number and start time follow.
    static let watch = "watch"
    /// The client has closed the server's input: let go of the copy.
    static let releaseInput = "release"
  }

  /// The guard's end, spoken to from whichever thread.
  package final class Handle: Sendable {
    private struct State: ~Copyable {
      var words: Descriptor?
      var id: Int32?
    }

    private let state = Mutex(State())

    /// Starts the process, before the server: nothing may come between a server and what watches over it.
    package init(holding input: Int32) throws(Errno) {
      let pipe = try Pipe()
      #if os(Linux)
        let ourEnd = pipe.readEnd.number
        let id = try ChildProcess.copySelf {
          ThisProcess.takeOver(input: ourEnd, output: input)
          ThisProcess.rename(to: "mcp-guard \(command)")
          Dispositions.reset(.child)
          Lifeline.run()
        }
      #else
        let null = try SystemCalls.openNull()
        let id = try ChildProcess.start(
          NativeText(ThisProcess.executable), arguments: ["mcp-guard", NativeText(command)],
          wiring: ChildProcess.Wiring(input: pipe.readEnd.number, output: input, error: null.number))
      #endif
      var words: Descriptor? = pipe.writeEnd
      state.withLock { state in
        state.id = id
        state.words = words.take()
      }
    }

    /// The lifeline's process, which is nobody's to signal.
    package var id: Int32? { state.withLock { $0.id } }

    /// Puts `server` under its care.
    package func watch(over server: ProcessIdentity) { say("\(Word.watch) \(server.id) \(server.startTime)") }

    /// Makes the lifeline let go of the server's input, so that its end reaches the server.
    package func releaseInput() { say(Word.releaseInput) }

    /// Ends the lifeline, and with it all that it would have done.
    package func end() {
      state.withLock { state in
        if let id = state.id.take() { ChildProcess.killAndBury(id) }
      }
    }

    /// Notes that the process has ended by itself and been buried, so that its number may be another's.
    package func hasEnded() { state.withLock { $0.id = nil } }

    private func say(_ line: String) {
      let bytes = Bytes("\(line)\n".utf8)
      state.withLock { state in
        switch state.words {
        // Nobody is left to be told when this fails: then the lifeline is gone, and holds nothing either.
        case .some(let words): _ = try? SystemCalls.writeOnce(bytes.span, to: words.number)
        case .none: break
        }
      }
    }
  }

  /// The life of the process: standard input is the pipe, standard output the copy of the server's input.
  package static func run() -> Never {
    for signal in [Signal.terminate, .hangUp, .interrupt, .quit, .user1, .user2] { Dispositions.ignore(signal) }
    Dispositions.ignoreBrokenPipes()
    Dispositions.unblockAll()
    ThisProcess.detachFromClient(keepingDescriptorsTo: 2)
    let pipe = ProcessTable.pipe(at: 1)
    var server: ProcessIdentity?
    var unread = Bytes()
    while let bytes = try? SystemCalls.readOnce(0, atMost: 256), !bytes.isEmpty {
      unread.append(contentsOf: bytes)
      while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let words = unread[..<end].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        unread.removeFirst(end + 1)
        switch words.first {
        case Word.watch: server = identity(words.dropFirst())
        case Word.releaseInput: SystemCalls.replaceWithNull(1)
        default: break
        }
      }
      ThisProcess.forgetCode()
    }
    ProcessTree.extinguish {
      // The guard may have died before it could tell us of the server: whoever holds the other end of its input is one.
      let holders = pipe.map { ProcessTable.holders(ofPipe: $0) } ?? []
      let roots = ([server].compactMap { $0 }).filter(\.isAlive) + holders
      return Array(Set(roots + ProcessTree.descendants(of: roots.map(\.id))))
    }
    ThisProcess.exit(0)
  }

  private static func identity(_ words: ArraySlice<String>) -> ProcessIdentity? {
    guard words.count == 2, let id = words.first.flatMap({ Int32($0) }), id > 1,
      let startTime = words.last.flatMap({ UInt64($0) })
    else { return nil }
    return ProcessIdentity(id: id, startTime: startTime)
  }
}
