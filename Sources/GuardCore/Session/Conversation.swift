import Synchronization

/// What both directions have to know of each other, locked once a message and never while anything blocks.
package final class Conversation: Sendable {
  private struct State {
    var ledger = Ledger()
    /// True while the negotiated version is the one that has batches.
    var hasBatches = false
    var lastBatch = 0
    /// Refusals of single members of a batch, to be sent with the answers to the others.
    var heldRefusals: [Int: [Bytes]] = [:]
    /// Requests from this one on never reached the server.
    var undeliveredSince: Int?
    /// Why the server can't be reached any more.
    var goneBecause: String?
    var isInputOver = false
    var isOutputOver = false

    /// The answers to the requests since `serial` and to all that waits with any, now that no more will come.
    mutating func giveUp(since serial: Int, because reason: String) -> Bytes {
      goneBecause = reason
      var lines = Bytes()
      for (_, refusals) in heldRefusals.sorted(by: { $0.key < $1.key }) {
        lines.append(contentsOf: Reply.batch(of: refusals))
      }
      heldRefusals = [:]
      for id in ledger.abandon(since: serial) { lines.append(contentsOf: Reply.serverGone(id, reason)) }
      return lines
    }
  }

  /// How much may be kept of refusals, in bytes.
  private static let mostHeld = 1024 * 1024

  private let state = Mutex(State())

  package init() {}

  /// How a message fits into the conversation.
  enum Standing {
    case fits(answering: Ledger.Pending?)
    case unfit(Flaw)
    /// It is a request to a server that can't be reached any more, for this reason.
    case tooLate(String)
  }

  /// Whether nothing more is waited for from this side, since the server has ended: only what is here already counts.
  func isOver(for direction: Direction) -> Bool {
    state.withLock { direction == .fromClient ? $0.isInputOver : $0.isOutputOver }
  }

  /// Notes that the server has ended, and that its output is taken as far as it is there.
  func endOutput() { state.withLock { $0.isOutputOver = true } }

  var hasBatches: Bool { state.withLock { $0.hasBatches } }

  /// Finds the place of a message: notes a request, strikes out the one that is answered.
  func place(_ message: Message, from direction: Direction, batch: Int? = nil) -> Standing {
    state.withLock { state in
      switch message.kind {
      case .request(let id):
        if direction == .fromClient, let reason = state.goneBecause { return .tooLate(reason) }
        let flaw = state.ledger.open(id, message.method, batch: batch, from: direction)
        return flaw.map { .unfit($0) } ?? .fits(answering: nil)
      case .result(let id), .error(.some(let id)):
        guard let pending = state.ledger.settle(id, answeredBy: direction) else { return .unfit(.unknownID) }
        return .fits(answering: pending)
      case .notification, .error(nil):
        return .fits(answering: nil)
      }
    }
  }

  /// Notes that the sender of `direction` has cancelled its request, and returns the refusals that waited with it.
  func cancel(_ id: MessageID, by direction: Direction) -> [Bytes] {
    state.withLock { state in
      guard let batch = state.ledger.cancel(id, by: direction)?.batch else { return [] }
      return state.heldRefusals.removeValue(forKey: batch) ?? []
    }
  }

  /// Strikes out the request whose answer turned out to be unreadable.
  func settleUnreadable(_ id: MessageID, answeredBy direction: Direction) -> Ledger.Pending? {
    state.withLock { $0.ledger.settle(id.withoutFraction, answeredBy: direction) }
  }

  /// Notes the version that both sides will use.
  func negotiated(hasBatches: Bool) { state.withLock { $0.hasBatches = hasBatches } }

  /// A number for a batch whose members are about to be judged.
  func openBatch() -> Int {
    state.withLock { state in
      state.lastBatch += 1
      return state.lastBatch
    }
  }

  /// Keeps refusals until the first answer to another member of their batch.
  ///
  /// Returns them when no such answer is owed any more, or when too much is kept already.
  func hold(_ refusals: [Bytes], until batch: Int) -> [Bytes] {
    let size = refusals.reduce(0) { $0 + $1.count }
    return state.withLock { state in
      let held = state.heldRefusals.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
      let isOwed = state.goneBecause == nil && state.ledger.owesAnswer(inBatch: batch)
      if !isOwed || held + size > Self.mostHeld { return refusals }
      state.heldRefusals[batch] = refusals
      return []
    }
  }

  /// The refusals that go with an answer to a request of `batch`, once.
  func takeRefusals(of batch: Int?) -> [Bytes] {
    guard let batch else { return [] }
    return state.withLock { $0.heldRefusals.removeValue(forKey: batch) ?? [] }
  }

  /// Marks the requests from now on, to be told apart from earlier ones.
  var bookmark: Int { state.withLock { $0.ledger.nextSerial } }

  /// Notes that requests since `bookmark` could not be delivered.
  func missedDelivery(since bookmark: Int) {
    state.withLock { $0.undeliveredSince = min($0.undeliveredSince ?? bookmark, bookmark) }
  }

  /// Answers what was never delivered, because the server reads nothing any more; what it has read it may yet answer.
  package func giveUpUndelivered(because reason: String) -> Bytes {
    state.withLock { state in
      guard let bookmark = state.undeliveredSince else { return [] }
      return state.giveUp(since: bookmark, because: reason)
    }
  }

  /// Answers everything that the client still waits for, because the server will not.
  package func giveUp(because reason: String) -> Bytes {
    state.withLock { state in
      state.isInputOver = true
      return state.giveUp(since: 0, because: reason)
    }
  }
}
