/// Moves the lines of one direction: reads as much as there is, judges each line, and writes runs of good ones at once.
struct Pump: ~Copyable {
  private let direction: Direction
  private let source: Int32
  private let onward: Lane
  private let back: Lane
  private let conversation: Conversation
  private let diagnostics: Diagnostics
  private let lineLimit: Int
  private let whenServerReadsNoMore: @Sendable () -> Void

  private var judge: Judge
  private var refused: [Flaw: Int] = [:]
  private var isFirst = true
  /// How much of what is read after the end can have been there before it: what a pipe, or a socket, holds at most.
  private var roomOfLastWords = 1024 * 1024
  private var isOver = false

  /// A pump from `source` to `onward`; what it refuses is answered on the way `back`.
  init(
    _ direction: Direction, from source: Int32, onward: Lane, back: Lane, conversation: Conversation,
    diagnostics: Diagnostics, lineLimit: Int, whenServerReadsNoMore: @escaping @Sendable () -> Void
  ) throws(Errno) {
    self.direction = direction
    self.source = source
    self.onward = onward
    self.back = back
    self.conversation = conversation
    self.diagnostics = diagnostics
    self.lineLimit = lineLimit
    self.whenServerReadsNoMore = whenServerReadsNoMore
    judge = try Judge(direction, of: conversation, lineLimit: lineLimit)
  }

  /// Pumps until the source ends or, on the way to the client, nobody takes what comes.
  mutating func run() throws(Errno) {
    defer { noteTotals() }
    var buffer = try LineBuffer(lineLimit: lineLimit)
    var overlong: EnvelopeSkim?
    while !isOver && fill(&buffer) {
      noticeForeignFraming(buffer.firstByte)
      if var skim = overlong {
        let hasEnded = buffer.lendCurrentLine { skim.feed($0) }
        overlong = hasEnded ? nil : skim
        if hasEnded { handle(judge.refuseOverlong(skim.finish()), since: bookmark) }
      }
      if overlong == nil {
        buffer.lendLines { pass($0) }
        if buffer.isOverlong {
          var skim = EnvelopeSkim()
          _ = buffer.lendCurrentLine { skim.feed($0) }
          overlong = skim
        }
      }
    }
    if isOver { return }
    if var skim = overlong {
      handle(judge.refuseOverlong(skim.finish()), since: bookmark)
    } else {
      _ = buffer.lendCurrentLine { pass($0) }
    }
  }

  /// Reads once; false when the source has ended, or when the server has and nothing more is here.
  private mutating func fill(_ buffer: inout LineBuffer) -> Bool {
    while true {
      // What a client has asked before it could know that nobody is there is answered, and what a server has said
      // before it ended is delivered; nothing more is waited for.
      let isLast = conversation.isOver(for: direction)
      if isLast {
        let input = SystemCalls.Watched(source, .readable)
        if roomOfLastWords <= 0 || !SystemCalls.wait(for: [input], milliseconds: 0)[0] { return false }
      }
      do throws(Errno) {
        let count = try buffer.fill(from: source)
        if isLast { roomOfLastWords -= count }
        return count > 0
      } catch {
        // A source that can't be read any more has ended, whatever the reason.
        if error != .interrupted { return false }
      }
    }
  }

  /// Judges `lines` one by one, and sends on what may go on.
  private mutating func pass(_ lines: Span<UInt8>) {
    var run = Run(start: 0, bookmark: bookmark)
    var position = 0
    while position < lines.count && !isOver {
      let beforeLine = bookmark
      if run.start == position { run.bookmark = beforeLine }
      let end = ByteSearch.firstNewline(in: lines, from: position).map { $0 + 1 } ?? lines.count
      let verdict = judge.judge(lines.extracting(position..<end))
      if verdict != .forward {
        deliver(lines.extracting(run.start..<position), since: run.bookmark)
        handle(verdict, since: beforeLine)
        run.start = end
      }
      position = end
    }
    deliver(lines.extracting(run.start..<position), since: run.bookmark)
  }

  /// Lines that go on together, and which requests they were preceded by.
  private struct Run {
    var start: Int
    var bookmark: Int
  }

  /// What tells the requests that are still to come from those before; only what goes to a server may be undelivered.
  private var bookmark: Int { direction == .fromClient ? conversation.bookmark : 0 }

  private mutating func handle(_ verdict: Verdict, since bookmark: Int) {
    switch verdict {
    case .forward, .ignore: return
    case .refuse(let flaw, let answer):
      note(flaw)
      if let answer { send(back: answer) }
    case .replace(let flaw, let instead, let answer):
      if let flaw { note(flaw) }
      if let answer { send(back: answer) }
      deliver(instead.span, since: bookmark)
    }
  }

  private func send(back lines: Bytes) { back.post(lines, whenFull: direction == .fromClient ? .wait : .drop) }

  private mutating func deliver(_ bytes: Span<UInt8>, since bookmark: Int) {
    if bytes.isEmpty || isOver || onward.deliver(bytes) { return }
    switch direction {
    case .fromServer: isOver = true
    case .fromClient:
      // Reading goes on: the client must not block on a server that doesn't read, and its requests are answered.
      conversation.missedDelivery(since: bookmark)
      whenServerReadsNoMore()
    }
  }

  /// Says what is wrong with lines that are dropped: the first of each kind at once, the others as a number at the end.
  private mutating func note(_ flaw: Flaw) {
    refused[flaw, default: 0] += 1
    if refused[flaw] == 1 {
      diagnostics.note("refused a line of the \(sender): \(flaw.explanation) (\(flaw.name))")
    }
  }

  private func noteTotals() {
    for (flaw, count) in refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > 1 {
      diagnostics.note("refused \(count) lines of the \(sender) in all (\(flaw.name))")
    }
  }

  private var sender: String { direction == .fromClient ? "client" : "server" }

  /// A client may one day speak something else than lines of JSON: then it is told so instead of being left to wait.
  private mutating func noticeForeignFraming(_ byte: UInt8?) {
    guard isFirst, direction == .fromClient else { return }
    isFirst = false
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"),
      UInt8(ascii: "\n"), 0xef:
      return
    default:
      diagnostics.note("the client does not speak JSON-RPC in lines, so nothing of it can reach the server")
      send(back: Reply.lines(of: [Reply.refusalObject(of: nil, for: Fault(.notJSON, at: 0))]))
    }
  }
}
