/// What an input means: steps of a conversation, one a line of text, so that inputs can be read and written by hand.
///
///     >{"jsonrpc":…}     the client sends these bytes      <…   the server does
///     >=r1.              the client sends a message made from a template: kind, id, damage
///     <*o1.n-.           the server sends a batch of such messages
///     ~                  the next line of the client can't be delivered
///     !                  the guard gives up what could not be delivered
///
/// Anything else is sent as it is. Without a newline at the end of the input, the last line has none either.
struct Script {
  enum Step {
    case line(ScriptLine)
    case missNextDelivery
    case giveUpUndelivered
  }

  let steps: [Step]

  init(_ input: Bytes) {
    let lines = input.split(separator: 0x0a, omittingEmptySubsequences: false)
    steps = lines.enumerated().compactMap { index, line -> Step? in
      guard let first = line.first else { return nil }
      if line == [UInt8(ascii: "~")] { return .missNextDelivery }
      if line == [UInt8(ascii: "!")] { return .giveUpUndelivered }
      let isFromClient = first == UInt8(ascii: ">") || (first != UInt8(ascii: "<") && first & 1 == 0)
      let isMarked = first == UInt8(ascii: ">") || first == UInt8(ascii: "<")
      var content = ScriptLine(isMarked ? line.dropFirst() : line, fromClient: isFromClient)
      if index < lines.count - 1 { content.bytes.append(0x0a) }
      return .line(content)
    }
  }
}

/// One line of a peer.
struct ScriptLine {
  let isFromClient: Bool
  var bytes: Bytes
  private var members: [ScriptMember] = []

  /// What the line would be without the damage, which must be seen through it; nil for one that has no template.
  var claims: [OracleOutline]? {
    if members.isEmpty { return nil }
    return members.flatMap { member in (try? OracleParser.parse(member.undamaged)).map(OracleOutline.all) ?? [] }
  }

  init(_ text: ArraySlice<UInt8>, fromClient: Bool) {
    isFromClient = fromClient
    bytes = Bytes(text)
    guard let form = text.first, [UInt8(ascii: "="), UInt8(ascii: "*")].contains(form), text.count >= 4 else { return }
    let isBatch = form == UInt8(ascii: "*")
    let fields = Array(isBatch ? text.dropFirst() : text.dropFirst().prefix(3))
    members = stride(from: 0, through: fields.count - 3, by: 3).map { start in
      ScriptMember(kind: fields[start], id: fields[start + 1], damage: fields[start + 2])
    }
    bytes = Bytes(members.map(\.bytes).joined(separator: ",".utf8))
    if isBatch { bytes = Bytes("[".utf8) + bytes + "]".utf8 }
    members.last?.damageEnd(of: &bytes)
    members.first?.damageStart(of: &bytes)
  }
}

/// A message made from a template.
struct ScriptMember {
  private let kind: Character
  private let id: Character
  private let damage: Character

  init(kind: UInt8, id: UInt8, damage: UInt8) {
    self.kind = Character(Unicode.Scalar(kind))
    self.id = Character(Unicode.Scalar(id))
    self.damage = Character(Unicode.Scalar(damage))
  }

  var bytes: Bytes { text(inside: innerDamage) }
  var undamaged: Bytes { text(inside: []) }

  private func text(inside damage: [UInt8]) -> Bytes {
    let spelled =
      switch id {
      case "0"..."9": "\"id\":\(id),"
      case "a"..."z": "\"id\":\"\(id)\","
      case "A": "\"\\u0069d\":\"\\u0061\","
      case "N": "\"id\":null,"
      case "F": "\"id\":1.0,"
      case "B": "\"id\":-9223372036854775809,"
      case "Z": "\"id\":-0,"
      default: ""
      }
    let (first, last) = body
    return Bytes("{\"jsonrpc\":\"2.0\",\(spelled)\(first)".utf8) + damage + last.utf8
  }

  /// What follows the id, in two halves: damage goes between them.
  private var body: (String, String) {
    switch kind {
    case "i": ("\"method\":\"initialize\",\"params\":{\"clientInfo\":{\"name\":\"x\"", "}}}")
    case "l": ("\"method\":\"subscriptions/listen\",\"params\":{\"_meta\":{\"a\":\"x\"", "}}}")
    case "p": ("\"method\":\"ping\",\"params\":{\"_meta\":{\"a\":\"x\"", "}}}")
    case "c", "C": ("\"method\":\"notifications/cancelled\",\"params\":{\"reason\":\"x\"", "\(cancelled)}}")
    case "o": ("\"result\":{\"a\":\"x\"", "}}")
    case "v": ("\"result\":{\"protocolVersion\":\"2025-03-26\"", "}}")
    case "w": ("\"result\":{\"protocolVersion\":\"2025-06-18\"", "}}")
    case "e": ("\"error\":{\"code\":1,\"message\":\"x\"", "}}")
    case "b": ("\"method\":\"x\",\"result\":{\"a\":\"x\"", "}}")
    case "m": ("\"other\":{\"a\":\"x\"", "}}")
    default: ("\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"arguments\":{\"a\":\"x\"", "}}}")
    }
  }

  /// The id that is cancelled is the damage, so that a cancellation is notification and three letters.
  private var cancelled: String {
    switch damage {
    case "0"..."9": ",\"requestId\":\(damage)"
    case "a"..."h": ",\"requestId\":\"\(damage)\""
    default: ""
    }
  }

  private var innerDamage: [UInt8] {
    let text: String? =
      switch damage {
      case "D": ",\"d\":1,\"d\":2"
      case "S": ",\"s\":\"\\ud800\""
      case "N": ",\"n\":NaN"
      case "R": ",\"r\":\"\r\""
      case "K": ",\"k\":1,\"\u{212a}\":2"
      case "Z": ",\"z\":" + String(repeating: "[", count: 140) + String(repeating: "]", count: 140)
      case "L": ",\"l\":\"" + String(repeating: "l", count: Script.lineLimit) + "\""
      default: nil
      }
    if damage == "U" { return Array(",\"u\":\"".utf8) + [0xff, 0x22] }
    return Array((text ?? "").utf8)
  }

  /// Damages the end of the line whose last member this is.
  func damageEnd(of line: inout Bytes) {
    switch damage {
    case "T": line.removeLast()
    case "X": line.append(contentsOf: " x".utf8)
    case "W": line.append(UInt8(ascii: "\r"))
    default: return
    }
  }

  /// Damages the start of the line whose first member this is.
  func damageStart(of line: inout Bytes) {
    if damage == "O" { line = [0xef, 0xbb, 0xbf] + line }
  }
}

extension Script {
  /// The longest line that both judges take.
  static let lineLimit = 1024
}
