/// Which requests wait for an answer, in both directions.
///
/// Client and server each number their own requests, so there are two spaces of ids that know nothing of each other.
struct Ledger: Sendable {
  /// A request that went through and has no answer yet.
  struct Pending: Sendable {
    let method: ProtocolMethod?
    /// The batch that it came in, if it came in one.
    let batch: Int?
    /// Its place in the order of all requests.
    let serial: Int
    /// Whoever asked has lost interest; an answer may come nevertheless.
    var isCancelled = false
  }

  private static let mostCancelled = 1024
  private static let mostWaiting = 65536
  private static let mostIDBytes = 16 * 1024 * 1024

  private var fromClient: [MessageID: Pending] = [:]
  private var fromServer: [MessageID: Pending] = [:]
  private var cancelled = 0
  /// What the ids of all that is kept have, beside their places here.
  private var idBytes = 0

  /// The serial number that the next request gets.
  private(set) var nextSerial = 0

  /// Notes a request, or tells why it can't be: one with this id waits already, or very many do.
  mutating func open(
    _ id: MessageID, _ method: ProtocolMethod?, batch: Int?, from direction: Direction
  ) -> Flaw? {
    let earlier = direction == .fromClient ? fromClient[id] : fromServer[id]
    if let earlier {
      // An id may be used again after a cancellation: some clients give all their requests the same one.
      if !earlier.isCancelled { return .duplicateID }
      cancelled -= 1
    } else {
      let waiting = direction == .fromClient ? fromClient.count : fromServer.count
      if waiting >= Self.mostWaiting || idBytes + id.heldBytes > Self.mostIDBytes { return .tooManyWaiting }
      idBytes += id.heldBytes
    }
    let pending = Pending(method: method, batch: batch, serial: nextSerial)
    nextSerial += 1
    switch direction {
    case .fromClient: fromClient[id] = pending
    case .fromServer: fromServer[id] = pending
    }
    return nil
  }

  /// Strikes out the request that is answered by `direction`; nil when none with this id waits.
  mutating func settle(_ id: MessageID, answeredBy direction: Direction) -> Pending? {
    let pending: Pending? =
      switch direction {
      case .fromServer: fromClient.removeValue(forKey: id)
      case .fromClient: fromServer.removeValue(forKey: id)
      }
    if let pending {
      idBytes -= id.heldBytes
      if pending.isCancelled { cancelled -= 1 }
    }
    return pending
  }

  /// Notes that whoever asked has cancelled the request, and returns it; its answer is no longer owed.
  mutating func cancel(_ id: MessageID, by direction: Direction) -> Pending? {
    var pending: Pending?
    switch direction {
    case .fromClient: pending = Self.cancel(id, in: &fromClient, count: &cancelled)
    case .fromServer:
      pending = Self.cancel(id, in: &fromServer, count: &cancelled)
      // The one request of a client that a server may end so: then this was its answer.
      if pending == nil, fromClient[id]?.method == .listen { pending = settle(id, answeredBy: .fromServer) }
    }
    if cancelled > Self.mostCancelled {
      fromClient = fromClient.filter { !$0.value.isCancelled }
      fromServer = fromServer.filter { !$0.value.isCancelled }
      cancelled = 0
      idBytes = (Array(fromClient.keys) + fromServer.keys).reduce(0) { $0 + $1.heldBytes }
    }
    return pending
  }

  private static func cancel(
    _ id: MessageID, in requests: inout [MessageID: Pending], count: inout Int
  ) -> Pending? {
    guard let pending = requests[id], !pending.isCancelled, pending.method != .initialize else { return nil }
    requests[id]?.isCancelled = true
    count += 1
    return pending
  }

  /// Whether a request of the client that came in this batch is still owed an answer.
  func owesAnswer(inBatch batch: Int) -> Bool {
    fromClient.values.contains { $0.batch == batch && !$0.isCancelled }
  }

  /// Strikes out all requests of the client from `serial` on that are still owed an answer, in their order.
  mutating func abandon(since serial: Int) -> [MessageID] {
    let owed = fromClient.filter { $0.value.serial >= serial && !$0.value.isCancelled }
    for id in owed.keys {
      fromClient[id] = nil
      idBytes -= id.heldBytes
    }
    return owed.sorted { $0.value.serial < $1.value.serial }.map(\.key)
  }
}
