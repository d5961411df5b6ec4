import Testing

@testable import GuardCore

/// A client and a server that talk through the judges of both directions.
final class Dialogue {
  let conversation = Conversation()
  private var fromClient: Judge
  private var fromServer: Judge

  init(lineLimit: Int = 1 << 20) throws {
    fromClient = try Judge(.fromClient, of: conversation, lineLimit: lineLimit)
    fromServer = try Judge(.fromServer, of: conversation, lineLimit: lineLimit)
  }

  /// A dialogue for which this version has been agreed on.
  convenience init(version: String) throws {
    try self.init()
    let question = client(
      #"{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-03-26"}}"#)
    let answer = server(#"{"jsonrpc":"2.0","id":"init","result":{"protocolVersion":"\#(version)"}}"#)
    #expect(question == .forward)
    #expect(answer == .forward)
  }

  /// What becomes of a line of the client; `end` is how it ends.
  func client(_ line: String, end: String = "\n") -> Outcome {
    Outcome(fromClient.judge(JSONCase.bytes(of: line + end).span))
  }

  /// What becomes of a line of the server.
  func server(_ line: String, end: String = "\n") -> Outcome {
    Outcome(fromServer.judge(JSONCase.bytes(of: line + end).span))
  }

  /// The bytes that go on in the place of a line of the server.
  func serverBytes(_ line: String, end: String = "\n") -> Bytes? {
    guard case .replace(_, let instead, _) = fromServer.judge(Bytes((line + end).utf8).span) else { return nil }
    return instead
  }

  /// What becomes of a line that was too long to be kept.
  func clientOverlong(_ line: String) -> Outcome { Outcome(fromClient.refuseOverlong(Self.skim(line))) }
  func serverOverlong(_ line: String) -> Outcome { Outcome(fromServer.refuseOverlong(Self.skim(line))) }

  private static func skim(_ line: String) -> [EnvelopeSkim.Outline] {
    var skim = EnvelopeSkim()
    skim.feed(Bytes(line.utf8).span)
    return skim.finish()
  }
}

/// A verdict in a form that can be written down.
enum Outcome: Equatable, Sendable, CustomStringConvertible {
  case forward
  case ignore
  case refuse(Flaw, answer: [String] = [])
  case replace(Flaw?, by: [String], answer: [String] = [])

  init(_ verdict: Verdict) {
    switch verdict {
    case .forward: self = .forward
    case .ignore: self = .ignore
    case .refuse(let flaw, let answer): self = .refuse(flaw, answer: answer.map(Self.lines) ?? [])
    case .replace(let flaw, let instead, let answer):
      self = .replace(flaw, by: Self.lines(of: instead), answer: answer.map(Self.lines) ?? [])
    }
  }

  var description: String {
    switch self {
    case .forward: "forward"
    case .ignore: "ignore"
    case .refuse(let flaw, let answer): "refuse for \(flaw), answer \(answer)"
    case .replace(let flaw, let lines, let answer):
      "replace for \(flaw?.rawValue ?? "no flaw") by \(lines), answer \(answer)"
    }
  }

  /// The lines of `bytes`: `error 7` or `gone 7` where the guard speaks, `[…,…]` with its members for a batch.
  static func lines(of bytes: Bytes) -> [String] {
    guard !bytes.isEmpty else { return [] }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      outline(of: Bytes($0))
    }
    if lines.last == "" { lines.removeLast() } else { lines.append("no newline") }
    return lines
  }

  private static func outline(of line: Bytes) -> String {
    guard !line.isEmpty, var scanner = try? JSONScanner(textLimit: 1 << 26) else { return "" }
    if scanner.fault(in: line) != nil { return "not JSON: " + String(decoding: line, as: UTF8.self) }
    guard scanner.tape[0].kind == .array else { return outline(at: 0, scanner.tape, line) }
    var members: [String] = []
    var place = 1
    while place < scanner.tape.end(of: 0) {
      members.append(outline(at: place, scanner.tape, line))
      place = scanner.tape.next(after: place)
    }
    return "[" + members.joined(separator: ",") + "]"
  }

  private static func outline(at place: Int, _ tape: borrowing JSONTape, _ line: Bytes) -> String {
    let text = String(decoding: line[tape.bytes(at: place)], as: UTF8.self)
    guard text.contains("io.mcp-guard/decision"), let id = tape.value(of: "id", in: place, line.span) else {
      return text
    }
    let spelling = String(decoding: line[tape.bytes(at: id)], as: UTF8.self)
    return (text.contains("40306") ? "gone " : "error ") + spelling
  }
}

/// One line of a dialogue, and what has to become of it.
struct Step: Sendable {
  let speaker: Direction
  let line: String
  let outcome: Outcome

  static func client(_ line: String, _ outcome: Outcome = .forward) -> Step {
    Step(speaker: .fromClient, line: line, outcome: outcome)
  }
  static func server(_ line: String, _ outcome: Outcome = .forward) -> Step {
    Step(speaker: .fromServer, line: line, outcome: outcome)
  }
}

/// A dialogue, line by line.
struct Script: Sendable, CustomTestStringConvertible {
  let name: String
  let steps: [Step]

  init(_ name: String, _ steps: Step...) {
    self.name = name
    self.steps = steps
  }

  var testDescription: String { name }

  /// Plays the script in `dialogue`.
  func play(in dialogue: Dialogue) {
    for (number, step) in steps.enumerated() {
      let outcome = step.speaker == .fromClient ? dialogue.client(step.line) : dialogue.server(step.line)
      let comment: Comment = "line \(number + 1): \(step.line)"
      #expect(outcome == step.outcome, comment)
    }
  }
}

// MARK: Messages

/// A request, with whatever else its members are.
func request(_ id: String, _ method: String = "tools/list", _ members: String = "") -> String {
  #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"\#(members)}"#
}

/// A notification that a request is cancelled.
func cancellation(_ id: String) -> String {
  #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#
}

/// An answer to a request.
func answer(_ id: String, _ result: String = "{}") -> String { #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"# }

/// An answer that says that a request failed.
func failure(_ id: String) -> String { #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32603,"message":"x"}}"# }
