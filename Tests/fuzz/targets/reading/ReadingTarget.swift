// Fuzz target: one text. The scanner, the reader of messages, the judge and the skim against the oracle.

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let text = Bytes(UnsafeBufferPointer(start: start, count: count))
  let reading = Reading(text)
  reading.checkScanner()
  reading.checkSkim()
  for direction in [Direction.fromClient, .fromServer] {
    reading.checkMessage(from: direction)
    Reading.checkJudge(of: text.prefix { $0 != 0x0a } + (text.contains(0x0a) ? [0x0a] : []), from: direction)
  }
  return 0
}

struct Reading {
  private let text: Bytes
  private let tree: Result<OracleNode, OracleRefusal>

  init(_ text: Bytes) {
    self.text = text
    tree = Self.oracle(text)
  }

  private static func oracle(_ text: some Sequence<UInt8>) -> Result<OracleNode, OracleRefusal> {
    do throws(OracleRefusal) { return .success(try OracleParser.parse(text)) } catch { return .failure(error) }
  }

  // MARK: JSON

  func checkScanner() {
    guard var scanner = try? JSONScanner(textLimit: 1 << 26) else { fatalError("no memory") }
    do throws(Fault) {
      try scanner.scan(text.span)
    } catch {
      if case .failure = tree { return }
      Opinions.differ("a text is JSON", guard: error, oracle: tree, about: text)
    }
    switch tree {
    case .success(let root):
      compare(root, scanner.tape, at: 0)
      let end = scanner.tape.next(after: 0)
      Opinions.demand(end == scanner.tape.count, "the tape holds one value", about: text)
    case .failure(let refusal):
      Opinions.differ("a text is JSON", guard: "it is", oracle: refusal.reason, about: text)
    }
  }

  /// Compares a value of the tree with what the tape has at `place`.
  private func compare(_ node: OracleNode, _ tape: borrowing JSONTape, at place: Int) {
    let kind = tape[place].kind
    Opinions.demand(tape.bytes(at: place) == node.bytes, "a value has the same bytes", about: text)
    switch node.shape {
    case .object(let members):
      Opinions.demand(kind == .object, "a value is an object", about: text)
      var key = place + 1
      for member in members {
        compare(member.name, tape, at: key)
        compare(member.value, tape, at: key + 1)
        key = tape.next(after: key + 1)
      }
      Opinions.demand(key == tape.end(of: place), "an object has the same members", about: text)
    case .array(let elements):
      Opinions.demand(kind == .array, "a value is an array", about: text)
      var element = place + 1
      for node in elements {
        compare(node, tape, at: element)
        element = tape.next(after: element)
      }
      Opinions.demand(element == tape.end(of: place), "an array has the same elements", about: text)
    case .string(let string): compare(string, tape, at: place)
    case .integer: Opinions.demand(kind == .integer, "a number is an integer", about: text)
    case .fraction: Opinions.demand(kind == .number, "a number is no integer", about: text)
    case .word(let word):
      let expected: JSONKind = word == "null" ? .null : word == "true" ? .true : .false
      Opinions.demand(kind == expected, "a word is \(word)", about: text)
    }
  }

  private func compare(_ string: OracleText, _ tape: borrowing JSONTape, at place: Int) {
    let content = tape.content(at: place)
    let isEscaped = text[content].contains(UInt8(ascii: "\\"))
    Opinions.demand(tape[place].kind == (isEscaped ? .escapedString : .string), "a string is one", about: text)
    var decoded = Bytes()
    JSONString.decode(text.span, content, to: &decoded)
    let scalars = (try? OracleUTF8.decode(Array(decoded)))?.scalars
    if scalars != string.scalars {
      Opinions.differ("a string means the same", guard: decoded, oracle: string.scalars, about: text)
    }
  }

  // MARK: Messages

  func checkMessage(from direction: Direction) {
    guard case .success(let root) = tree, var scanner = try? JSONScanner(textLimit: 1 << 26),
      (try? scanner.scan(text.span)) != nil
    else { return }
    let ours = Self.message(root, from: direction)
    var reader = MessageReader()
    do throws(Fault) {
      let theirs = try reader.read(0, with: &scanner, of: text.span, direction)
      let kind = Self.kind(theirs)
      if case .success(let message) = ours, message.kind == kind { return }
      Opinions.differ("a message \(direction)", guard: kind as Any, oracle: ours, about: text)
    } catch {
      if case .failure = ours { return }
      Opinions.differ("a message \(direction)", guard: error, oracle: ours, about: text)
    }
  }

  private static func message(_ root: OracleNode, from direction: Direction) -> Result<OracleMessage, OracleRefusal> {
    do throws(OracleRefusal) {
      return .success(try OracleMessage(root, fromClient: direction == .fromClient))
    } catch {
      return .failure(error)
    }
  }

  private static func kind(_ message: Message) -> OracleMessage.Kind? {
    switch message.kind {
    case .request(let id): OracleID(id).map { .request($0) }
    case .notification: .notification
    case .result(let id): OracleID(id).map { .result($0) }
    case .error(nil): .error(nil)
    case .error(.some(let id)): OracleID(id).map { .error($0) }
    }
  }

  /// What is made out of a well-formed text without reading it must be right.
  func checkSkim() {
    guard case .success(let root) = tree else { return }
    var skim = EnvelopeSkim()
    skim.feed(text.span)
    let theirs = skim.finish().map { OracleOutline($0) }
    let ours = OracleOutline.all(of: root)
    if theirs != ours { Opinions.differ("the outlines", guard: theirs, oracle: ours, about: text) }
  }

  // MARK: Lines

  /// Checks the verdict on a line in a conversation in which nothing has been said.
  static func checkJudge(of line: Bytes, from direction: Direction) {
    guard var judge = try? Judge(direction, of: Conversation(), lineLimit: 1 << 20) else { fatalError("no memory") }
    let verdict = judge.judge(line.span)
    var body = line[...]
    if body.last == 0x0a {
      body = body.dropLast()
      if body.last == 0x0d { body = body.dropLast() }
    }
    if body.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
      return Opinions.demand(verdict == .ignore, "a blank line is ignored", about: line)
    }
    let tree = oracle(body)
    let message = tree.flatMap { Self.message($0, from: direction) }
    switch (try? message.get())?.kind {
    case .request, .notification, .error(nil):
      if verdict != .forward { Opinions.differ("a line \(direction)", guard: verdict, oracle: message, about: line) }
    case .result, .error(.some):
      // There is no question to this answer.
      let expected = Verdict.refuse(.unknownID, answer: nil)
      if verdict != expected { Opinions.differ("an answer", guard: verdict, oracle: expected, about: line) }
    case nil:
      guard case .refuse(_, let answer) = verdict else {
        Opinions.differ("a line \(direction)", guard: verdict, oracle: message, about: line)
      }
      let answered = OracleReply.lines(answer ?? []).map { OracleReply.refusedID($0) }
      guard case .success(let root) = tree else { return }
      let owed = OracleOutline.all(of: root).filter { $0.isOwedRefusal(fromClient: direction == .fromClient) }.map(\.id)
      if answered != owed { Opinions.differ("refusals \(direction)", guard: answered, oracle: owed, about: line) }
    }
  }
}
