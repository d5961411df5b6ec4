import Synchronization

/// What happened in the threads, for the one that decides: a queue that can be waited for together with signals.
final class Mailbox: Sendable {
  private let pipe: Pipe
  private let events = Mutex<[Lifecycle.Event]>([])

  init() throws(Errno) {
    pipe = try Pipe()
    SystemCalls.makeNonBlocking(pipe.readEnd.number)
    SystemCalls.makeNonBlocking(pipe.writeEnd.number)
  }

  var watched: SystemCalls.Watched { SystemCalls.Watched(pipe.readEnd.number, .readable) }

  func post(_ event: Lifecycle.Event) {
    events.withLock { $0.append(event) }
    SystemCalls.ring(pipe.writeEnd.number)
  }

  func take() -> [Lifecycle.Event] {
    SystemCalls.silence(pipe.readEnd.number)
    return events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
