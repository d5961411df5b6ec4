/// Judges the lines of one direction, one at a time: bytes in, a verdict out, no I/O.
package struct Judge: ~Copyable {
  private let direction: Direction
  private let lineLimit: Int
  private let conversation: Conversation
  private var scanner: JSONScanner
  private var reader = MessageReader()

  package init(_ direction: Direction, of conversation: Conversation, lineLimit: Int) throws(Errno) {
    precondition(lineLimit <= JSONTape.longestText, "the tape has no room for offsets in longer lines")
    self.direction = direction
    self.conversation = conversation
    self.lineLimit = lineLimit
    scanner = try JSONScanner(textLimit: lineLimit)
  }

  /// Judges `line`, which ends in a newline unless it is the last one.
  package mutating func judge(_ line: Span<UInt8>) -> Verdict {
    let body = line.extracting(0..<Self.countWithoutEnd(of: line))
    if Self.isBlank(body) { return .ignore }
    if body.count > lineLimit { return refuse(body, for: Fault(.tooLong, at: lineLimit)) }
    do throws(Fault) {
      try scanner.scan(body)
      let isBatch = scanner.tape[0].kind == .array
      let verdict = isBatch ? try judgeBatch(body) : try judgeMessage(body, line)
      scanner.forget()
      return verdict
    } catch {
      return refuse(body, for: error)
    }
  }

  /// The verdict on a line that was too long to be kept, of which only `outlines` is known.
  package mutating func refuseOverlong(_ outlines: [EnvelopeSkim.Outline]) -> Verdict {
    refuse(outlines, for: Fault(.tooLong, at: lineLimit))
  }

  /// How long the line is without its end: a newline, and one carriage return before it.
  private static func countWithoutEnd(of line: Span<UInt8>) -> Int {
    var count = line.count
    guard count > 0, line[count - 1] == UInt8(ascii: "\n") else { return count }
    count -= 1
    if count > 0, line[count - 1] == UInt8(ascii: "\r") { count -= 1 }
    return count
  }

  private static func isBlank(_ body: Span<UInt8>) -> Bool {
    for index in body.indices where body[index] != UInt8(ascii: " ") && body[index] != UInt8(ascii: "\t") {
      return false
    }
    return true
  }

  private mutating func judgeMessage(_ text: Span<UInt8>, _ line: Span<UInt8>) throws(Fault) -> Verdict {
    let message = try reader.read(0, with: &scanner, of: text, direction)
    switch conversation.place(message, from: direction) {
    case .fits(let request):
      let released = note(message, answering: request, text)
      let refusals = conversation.takeRefusals(of: request?.batch) + (direction == .fromServer ? released : [])
      if refusals.isEmpty && released.isEmpty { return .forward }
      var lines = Self.copy(line, line.indices)
      if !refusals.isEmpty {
        if lines.last != UInt8(ascii: "\n") { lines.append(UInt8(ascii: "\n")) }
        lines.append(contentsOf: Reply.batch(of: refusals))
      }
      let answer = direction == .fromServer || released.isEmpty ? nil : Reply.batch(of: released)
      return .replace(nil, instead: lines, answer: answer)
    case .unfit(let flaw):
      return .refuse(flaw, answer: Self.request(message).map { Reply.refusal(of: $0, for: Fault(flaw, at: 0)) })
    case .tooLate(let reason):
      return .refuse(.serverGone, answer: Self.request(message).map { Reply.serverGone($0, reason) })
    }
  }

  /// Learns what the conversation has to know of a message that goes through.
  ///
  /// Returns the refusals that waited for the answer to a request which is now cancelled, and may never be answered.
  private func note(_ message: Message, answering request: Ledger.Pending?, _ text: Span<UInt8>) -> [Bytes] {
    var released: [Bytes] = []
    if message.kind == .notification, message.method == .cancelled, let params = message.params,
      let place = scanner.tape.value(of: "requestId", in: params, text),
      let id = MessageID(scanner.tape, at: place, of: text)
    {
      released = conversation.cancel(id, by: direction)
    }
    if request?.method == .initialize, let result = message.result, scanner.tape[result].kind == .object {
      let version = scanner.tape.value(of: "protocolVersion", in: result, text)
      let hasBatches = version.map { scanner.tape.isString("2025-03-26", at: $0, text) } ?? false
      conversation.negotiated(hasBatches: hasBatches)
    }
    return released
  }

  private static func request(_ message: Message) -> MessageID? {
    guard case .request(let id) = message.kind else { return nil }
    return id
  }
}

// MARK: Batches

extension Judge {
  /// Judges every member by itself; those that pass go on in one line, in their order.
  private mutating func judgeBatch(_ text: Span<UInt8>) throws(Fault) -> Verdict {
    guard conversation.hasBatches else { throw Fault(.batch, at: scanner.tape[0].offset) }
    let end = scanner.tape.end(of: 0)
    if end == 1 { throw Fault(.emptyBatch, at: scanner.tape[0].offset) }

    if count(ofMembersUpTo: end) > Self.mostMembers { throw Fault(.hugeBatch, at: scanner.tape[0].offset) }

    let batch = conversation.openBatch()
    var kept: [Bytes] = []
    var added: [Bytes] = []
    var answers: [Bytes] = []
    var released: [Bytes] = []
    var hasRequest = false
    var flaw: Flaw?
    var place = 1
    while place < end {
      let bytes = scanner.tape.bytes(at: place)
      do throws(Fault) {
        let message = try reader.read(place, with: &scanner, of: text, direction)
        switch conversation.place(message, from: direction, batch: batch) {
        case .fits(let request):
          released.append(contentsOf: note(message, answering: request, text))
          added.append(contentsOf: conversation.takeRefusals(of: request?.batch))
          hasRequest = hasRequest || Self.request(message) != nil
          kept.append(Self.copy(text, bytes))
        case .unfit(let found):
          flaw = flaw ?? found
          if let id = Self.request(message) { answers.append(Reply.refusalObject(of: id, for: Fault(found, at: 0))) }
        case .tooLate(let reason):
          flaw = flaw ?? .serverGone
          if let id = Self.request(message) { answers.append(Reply.serverGoneObject(id, reason)) }
        }
      } catch {
        flaw = flaw ?? error.flaw
        let (toSender, onward) = refusals(of: Self.skim(text.extracting(bytes)), for: error)
        answers.append(contentsOf: toSender)
        added.append(contentsOf: onward)
      }
      place = scanner.tape.next(after: place)
    }
    if hasRequest && direction == .fromClient && !answers.isEmpty {
      // The client expects one array for its batch: refusals wait for the answers to the members that went through.
      answers = conversation.hold(answers, until: batch)
    }
    if direction == .fromServer { added.append(contentsOf: released) } else { answers.append(contentsOf: released) }
    if flaw == nil && added.isEmpty && answers.isEmpty { return .forward }
    let answer = answers.isEmpty ? nil : Reply.batch(of: answers)
    let members = kept + added
    if members.isEmpty { return .refuse(flaw ?? .emptyBatch, answer: answer) }
    return .replace(flaw, instead: Reply.batch(of: members), answer: answer)
  }

  /// A refusal has many times the size of the smallest member that deserves one.
  private static let mostMembers = 1024

  private func count(ofMembersUpTo end: Int) -> Int {
    var count = 0
    var place = 1
    while place < end {
      count += 1
      place = scanner.tape.next(after: place)
    }
    return count
  }

  fileprivate static func copy(_ text: Span<UInt8>, _ range: Range<Int>) -> Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(text[index]) }
    return bytes
  }
}

// MARK: Refusals

extension Judge {
  private static func skim(_ text: Span<UInt8>) -> [EnvelopeSkim.Outline] {
    var skim = EnvelopeSkim()
    skim.feed(text)
    return skim.finish()
  }

  private mutating func refuse(_ text: Span<UInt8>, for fault: Fault) -> Verdict {
    scanner.forget()
    return refuse(Self.skim(text), for: fault)
  }

  private func refuse(_ outlines: [EnvelopeSkim.Outline], for fault: Fault) -> Verdict {
    let (toSender, onward) = refusals(of: outlines, for: fault)
    let answer = toSender.isEmpty ? nil : Reply.lines(of: toSender)
    if onward.isEmpty { return .refuse(fault.flaw, answer: answer) }
    return .replace(fault.flaw, instead: Reply.lines(of: onward), answer: answer)
  }

  /// Who has to hear that these messages are refused: whoever asked, and whoever waits for this very answer.
  private func refusals(
    of outlines: [EnvelopeSkim.Outline], for fault: Fault
  ) -> (toSender: [Bytes], onward: [Bytes]) {
    var toSender: [Bytes] = []
    var onward: [Bytes] = []
    for outline in outlines {
      guard let id = outline.id else {
        // Somebody may wait for an answer that can't name its question.
        if outline.hasUnusableID && outline.hasMethod { toSender.append(Reply.refusalObject(of: nil, for: fault)) }
        continue
      }
      if outline.hasMethod || (direction == .fromClient && !outline.isAnswer) {
        toSender.append(Reply.refusalObject(of: id, for: fault))
      }
      // Whoever waits for this very answer will get no better one.
      if outline.isAnswer || (direction == .fromServer && !outline.hasMethod),
        let pending = conversation.settleUnreadable(id, answeredBy: direction), !pending.isCancelled
      {
        onward.append(Reply.refusalObject(of: id.withoutFraction, for: fault))
        onward.append(contentsOf: conversation.takeRefusals(of: pending.batch))
      }
    }
    return (toSender, onward)
  }
}
