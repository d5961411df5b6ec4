/// What must become of each line, by a plain account of who waits for what.
struct Model {
  /// What a line should come to.
  struct Expectation {
    /// The members that go on, byte for byte.
    var onward: [Bytes] = []
    /// Refusals that go on with them, in place of answers.
    var added: [OracleID?] = []
    /// Refusals that go back.
    var back: [OracleID?] = []
    /// Refusals of an earlier batch that go back, because what they waited for was cancelled.
    var released: [OracleID?] = []
    /// Whether every member goes on and nothing beside them, so that the line itself has to.
    var isWhole = true
  }

  private struct Waiting {
    let method: OracleText?
    let batch: Int?
    let serial: Int
    var isCancelled = false

    var isInitialize: Bool { method == "initialize" }
    var isListen: Bool { method == "subscriptions/listen" }
  }

  /// Requests without an answer, by who has asked.
  private var client: [OracleID: Waiting] = [:]
  private var server: [OracleID: Waiting] = [:]
  /// Refusals that wait for the first answer to another member of their batch.
  private var held: [Int: [OracleID?]] = [:]
  private var batchCount = 0
  private var undeliveredSince: Int?
  private var isGone = false
  private(set) var serial = 0
  private(set) var hasBatches = false
  private(set) var hasHadBatches = false

  mutating func expect(_ line: ScriptLine) -> Expectation {
    var body = line.bytes[...]
    if body.last == 0x0a {
      body = body.dropLast()
      if body.last == 0x0d { body = body.dropLast() }
    }
    var expectation = Expectation()
    if body.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
      expectation.isWhole = false
      return expectation
    }
    guard let root = try? OracleParser.parse(body) else {
      refuse(line.claims ?? Self.outlines(of: Bytes(body)), line.isFromClient, &expectation)
      return expectation
    }
    if body.count > Script.lineLimit {
      refuse(OracleOutline.all(of: root), line.isFromClient, &expectation)
    } else if case .array(let members) = root.shape, hasBatches, !members.isEmpty {
      expectBatch(members, line.isFromClient, in: Bytes(body), &expectation)
    } else {
      expect(root, line.isFromClient, batch: nil, in: Bytes(body), &expectation)
    }
    return expectation
  }

  /// A line that nobody can read has no better reading than the guard's own; `Reading` and `Framing` watch over that.
  private static func outlines(of text: Bytes) -> [OracleOutline] {
    var skim = EnvelopeSkim()
    skim.feed(text.span)
    return skim.finish().map { OracleOutline($0) }
  }

  private mutating func expectBatch(
    _ members: [OracleNode], _ isFromClient: Bool, in text: Bytes, _ expectation: inout Expectation
  ) {
    batchCount += 1
    let before = serial
    for member in members { expect(member, isFromClient, batch: batchCount, in: text, &expectation) }
    // The client wants one array for its batch, so a refusal goes with the first answer, if there will be one.
    let owesAnswer = client.values.contains { $0.batch == batchCount && !$0.isCancelled }
    if isFromClient && serial > before && owesAnswer && !expectation.back.isEmpty {
      held[batchCount] = expectation.back
      expectation.back = []
    }
  }

  private mutating func expect(
    _ node: OracleNode, _ isFromClient: Bool, batch: Int?, in text: Bytes, _ expectation: inout Expectation
  ) {
    guard let message = try? OracleMessage(node, fromClient: isFromClient) else {
      return refuse(OracleOutline.all(of: node), isFromClient, &expectation)
    }
    var goesOn = true
    switch message.kind {
    case .request(let id):
      goesOn = ask(id, message, isFromClient, batch)
      if !goesOn { expectation.back.append(id) }
    case .result(let id), .error(.some(let id)):
      if let question = settle(id, askedByClient: !isFromClient) {
        if question.isInitialize { negotiate(node["result"]) }
        expectation.added += release(question.batch)
      } else {
        goesOn = false
      }
    case .notification:
      if message.method == "notifications/cancelled" {
        cancel(node["params"]?["requestId"], isFromClient, &expectation)
      }
    case .error(nil): break
    }
    if goesOn {
      expectation.onward.append(Bytes(text[node.bytes]))
    } else {
      expectation.isWhole = false
    }
    if !expectation.added.isEmpty { expectation.isWhole = false }
  }

  private mutating func ask(_ id: OracleID, _ message: OracleMessage, _ isFromClient: Bool, _ batch: Int?) -> Bool {
    if isFromClient && isGone { return false }
    let earlier = isFromClient ? client[id] : server[id]
    if let earlier, !earlier.isCancelled { return false }
    let waiting = Waiting(method: message.method, batch: batch, serial: serial)
    serial += 1
    if isFromClient { client[id] = waiting } else { server[id] = waiting }
    return true
  }

  private mutating func settle(_ id: OracleID, askedByClient: Bool) -> Waiting? {
    askedByClient ? client.removeValue(forKey: id) : server.removeValue(forKey: id)
  }

  private mutating func negotiate(_ result: OracleNode?) {
    guard let result, result.isObject else { return }
    hasBatches = result["protocolVersion"]?.text == "2025-03-26"
    hasHadBatches = hasHadBatches || hasBatches
  }

  /// A request that is cancelled may never be answered, so nothing may wait for its answer any more.
  private mutating func cancel(_ place: OracleNode?, _ isFromClient: Bool, _ expectation: inout Expectation) {
    guard let id = place.flatMap({ OracleID($0) }) else { return }
    switch isFromClient ? client[id] : server[id] {
    case .some(let waiting) where waiting.isInitialize || waiting.isCancelled: return
    case .some(let waiting) where isFromClient:
      client[id]?.isCancelled = true
      expectation.released += release(waiting.batch)
    case .some: server[id]?.isCancelled = true
    case nil:
      // The one request of a client that a server may end so: then this is its answer.
      guard !isFromClient, let waiting = client[id], waiting.isListen else { return }
      client[id] = nil
      expectation.added += release(waiting.batch)
    }
  }

  private mutating func release(_ batch: Int?) -> [OracleID?] { batch.flatMap { held.removeValue(forKey: $0) } ?? [] }

  /// Whoever waits has to hear that a message is refused.
  private mutating func refuse(_ outlines: [OracleOutline], _ isFromClient: Bool, _ expectation: inout Expectation) {
    expectation.isWhole = false
    for outline in outlines {
      if outline.isOwedRefusal(fromClient: isFromClient) { expectation.back.append(outline.id) }
      // What looks like an answer is the only one that there will be.
      guard outline.isAnswer || (!isFromClient && !outline.hasMethod), let id = outline.id?.withoutFraction,
        let question = settle(id, askedByClient: !isFromClient), !question.isCancelled
      else { continue }
      expectation.added += [id] + release(question.batch)
    }
  }

  // MARK: The end

  /// Notes that what the client has asked since `serial` did not reach the server.
  mutating func missDelivery(since serial: Int) { undeliveredSince = min(undeliveredSince ?? serial, serial) }

  /// The ids that are answered when the server reads nothing any more.
  mutating func giveUpUndelivered() -> [OracleID?] {
    guard let undeliveredSince else { return [] }
    return giveUp(since: undeliveredSince)
  }

  /// The ids that are answered when the server has ended.
  mutating func giveUp() -> [OracleID?] { giveUp(since: 0) }

  private mutating func giveUp(since serial: Int) -> [OracleID?] {
    let refused = held.sorted { $0.key < $1.key }.flatMap(\.value)
    held = [:]
    isGone = true
    let owed = client.filter { $0.value.serial >= serial && !$0.value.isCancelled }
    for id in owed.keys { client[id] = nil }
    return refused + owed.sorted { $0.value.serial < $1.value.serial }.map(\.key)
  }
}
