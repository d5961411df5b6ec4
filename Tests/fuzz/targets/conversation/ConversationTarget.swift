// Fuzz target: a script of what client and server say. What two judges of one conversation make of it against a model.

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = Bytes(UnsafeBufferPointer(start: start, count: count))
  guard var run = try? ScriptRun() else { fatalError("no memory") }
  for step in Script(input).steps { run.take(step) }
  run.end()
  return 0
}

/// A conversation and what is expected of it.
struct ScriptRun: ~Copyable {
  private let conversation = Conversation()
  private var client: Judge
  private var server: Judge
  private var model = Model()
  private var missesNextDelivery = false
  /// All that has been said, for the report.
  private var transcript = Bytes()

  init() throws(Errno) {
    let fromClient = try Judge(.fromClient, of: conversation, lineLimit: Script.lineLimit)
    let fromServer = try Judge(.fromServer, of: conversation, lineLimit: Script.lineLimit)
    client = fromClient
    server = fromServer
  }

  mutating func take(_ step: Script.Step) {
    switch step {
    case .line(let line): take(line)
    case .missNextDelivery: missesNextDelivery = true
    case .giveUpUndelivered:
      transcript += "(given up what was not delivered)\n".utf8
      let answers = conversation.giveUpUndelivered(because: "gone")
      check(answers, refuses: model.giveUpUndelivered(), "answers to what was not delivered")
    }
  }

  /// What is left must be answered, once; and after that nothing can wait any more.
  mutating func end() {
    transcript += "(given up)\n".utf8
    check(conversation.giveUp(because: "gone"), refuses: model.giveUp(), "answers when the server is gone")
    check(conversation.giveUp(because: "gone"), refuses: [], "answers when everything was answered")
    for step in Script(Bytes(">=r1.\n".utf8)).steps { take(step) }
    check(conversation.giveUp(because: "gone"), refuses: [], "answers after a request that came too late")
  }

  private mutating func take(_ line: ScriptLine) {
    transcript += (line.isFromClient ? ">" : "<").utf8 + line.bytes
    let bookmark = (conversation.bookmark, model.serial)
    let allowsBatches = model.hasBatches
    let expectation = model.expect(line)
    let verdict = line.isFromClient ? client.judge(line.bytes.span) : server.judge(line.bytes.span)

    switch verdict {
    case .forward:
      if !expectation.isWhole || expectation.hasBack { differ("a line goes on as it is", verdict, expectation) }
    case .ignore:
      if expectation.hasOnward || expectation.hasBack { differ("a line carries nothing", verdict, expectation) }
    case .refuse(_, let answer):
      if expectation.hasOnward { differ("a line is refused", verdict, expectation) }
      check(answer ?? [], refuses: expectation.back + expectation.released, "refusals go back")
    case .replace(_, let instead, let answer):
      if !expectation.hasOnward { differ("a line is replaced", verdict, expectation) }
      check(instead, for: expectation, of: line, allowsBatches: allowsBatches)
      check(answer ?? [], refuses: expectation.back + expectation.released, "refusals go back")
    }
    if line.isFromClient && missesNextDelivery {
      missesNextDelivery = false
      guard expectation.hasOnward else { return }
      conversation.missedDelivery(since: bookmark.0)
      model.missDelivery(since: bookmark.1)
    }
  }

  /// Checks what goes on in place of a line: first the members that pass, then refusals.
  private func check(_ instead: Bytes, for expectation: Model.Expectation, of line: ScriptLine, allowsBatches: Bool) {
    if expectation.isWhole && expectation.onward.count == 1 && !allowsBatches {
      if instead != line.bytes { differ("a line goes on byte for byte", instead, expectation) }
      return
    }
    let members = members(of: instead)
    let kept = members.prefix(expectation.onward.count).map(\.bytes)
    if kept != expectation.onward { differ("members go on byte for byte", kept, expectation) }
    let refused = members.dropFirst(kept.count).map(\.refusedID)
    if refused != expectation.added { differ("refusals go on", refused, expectation) }
    if !allowsBatches && expectation.onward.count == 1 && !instead.starts(with: line.bytes) {
      differ("a single message goes on as a line", instead, expectation)
    }
  }

  private func check(_ lines: Bytes, refuses ids: [OracleID?], _ what: String) {
    let refused = members(of: lines).map(\.refusedID)
    if refused != ids { Opinions.differ(what, guard: refused, oracle: ids, about: transcript) }
  }

  /// A message in a line that the guard has put together.
  private struct Member {
    let node: OracleNode
    let line: Bytes

    var bytes: Bytes { Bytes(line[node.bytes]) }
    var refusedID: OracleID? { OracleReply.refusedID(node, line) }
  }

  /// The messages of `lines`, where one line may be a batch.
  private func members(of lines: Bytes) -> [Member] {
    OracleReply.lines(lines).flatMap { line -> [Member] in
      // A peer's line may end in a carriage return too, which goes on with it.
      let text = line.last == 0x0d ? Bytes(line.dropLast()) : line
      guard let root = try? OracleParser.parse(text) else {
        Opinions.differ("the guard writes messages", guard: line, oracle: "no JSON", about: transcript)
      }
      guard case .array(let elements) = root.shape else { return [Member(node: root, line: text)] }
      Opinions.demand(model.hasHadBatches && !elements.isEmpty, "a batch may be sent", about: transcript)
      return elements.map { Member(node: $0, line: text) }
    }
  }

  private func differ(_ what: String, _ theirs: Any, _ expectation: Model.Expectation) -> Never {
    Opinions.differ(what, guard: theirs, oracle: expectation, about: transcript)
  }
}

extension Model.Expectation {
  var hasOnward: Bool { !onward.isEmpty || !added.isEmpty }
  var hasBack: Bool { !back.isEmpty || !released.isEmpty }
}

extension Model.Expectation: CustomStringConvertible {
  var description: String {
    let refusals = [("with them", added), ("back", back), ("back, of an earlier batch", released)].map { place, ids in
      "\(place): [\(ids.map { $0?.description ?? "null" }.joined(separator: ", "))]"
    }
    return "on go \(onward.count) members; refusals \(refusals.joined(separator: ", "))"
  }
}
