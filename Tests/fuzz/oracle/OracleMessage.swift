/// What an id means: the integer `1`, the string `"1"` and the number `1.0` are three.
enum OracleID: Hashable, CustomStringConvertible {
  case integer(String)
  /// No id that a message may have, but one that a refusal may name.
  case fraction(String)
  case text(OracleText)

  init?(_ node: OracleNode) {
    switch node.shape {
    case .integer(let digits): self = .integer(digits == "-0" ? "0" : digits)
    case .fraction(let spelling): self = .fraction(spelling)
    case .string(let text): self = .text(text)
    default: return nil
    }
  }

  /// The id that it may have been meant for: some write `1.0` for the `1` that they were asked with.
  var withoutFraction: OracleID {
    guard case .fraction(let spelling) = self else { return self }
    let parts = spelling.split(separator: ".")
    guard parts.count == 2, parts[1].allSatisfy({ $0 == "0" }) else { return self }
    return .integer(parts[0] == "-0" ? "0" : String(parts[0]))
  }

  var description: String {
    switch self {
    case .integer(let spelling), .fraction(let spelling): spelling
    case .text(let text): "\"\(text)\""
    }
  }
}

/// A JSON-RPC message, or the reason why a tree is none: promise 2 of the design, said once more.
struct OracleMessage {
  enum Kind: Equatable {
    case request(OracleID), notification, result(OracleID), error(OracleID?)
  }

  let kind: Kind
  let node: OracleNode

  init(_ node: OracleNode, fromClient: Bool) throws(OracleRefusal) {
    guard case .object(let members) = node.shape else { throw OracleRefusal("no object") }
    try OracleNames.check(members, against: OracleNames.envelope)
    self.node = node
    kind = try Self.kind(of: node)
    guard let method = node["method"]?.text, let params = node["params"], params.isObject else { return }
    try OracleNames.checkParams(params, of: method, fromClient: fromClient)
  }

  private static func kind(of node: OracleNode) throws(OracleRefusal) -> Kind {
    guard let version = node["jsonrpc"], version.text == "2.0" else {
      throw OracleRefusal("jsonrpc is not \"2.0\"")
    }
    let kinds = (["method", "result", "error"] as [OracleText]).filter { node[$0] != nil }
    guard kinds.count == 1 else { throw OracleRefusal("kinds of message: \(kinds.count)") }
    if let params = node["params"], !params.isObject, !params.isNull { throw OracleRefusal("params is no object") }
    var id: OracleID?
    if let node = node["id"] {
      id = OracleID(node)
      if case .fraction = id { id = nil }
      if id == nil && !(node.isNull && kinds == ["error"]) { throw OracleRefusal("an id of a kind that ids are not") }
    }

    switch kinds[0] {
    case "method":
      guard node["method"]?.text != nil else { throw OracleRefusal("method is no string") }
      return id.map { .request($0) } ?? .notification
    case "result":
      guard let id else { throw OracleRefusal("a result without an id") }
      return .result(id)
    default:
      guard node["error"]?.isObject == true else { throw OracleRefusal("error is no object") }
      return .error(id)
    }
  }

  var method: OracleText? { node["method"]?.text }
}

/// What can be told of a message that is refused: enough to know who has to hear of it.
struct OracleOutline: Equatable {
  var id: OracleID?
  var hasUnusableID = false
  var hasMethod = false
  var isAnswer = false

  var isNothing: Bool { self == OracleOutline() }

  /// The outline of the object `node`.
  init(of node: OracleNode) {
    if let place = node["id"] {
      // An id that no one can want to have repeated is none.
      id = place.bytes.count <= 4096 ? OracleID(place) : nil
      hasUnusableID = id == nil
    }
    hasMethod = node["method"] != nil
    isAnswer = node["result"] != nil || node["error"] != nil
  }

  init() {}

  /// The outlines of a text that is a message, a batch, or neither.
  static func all(of root: OracleNode) -> [OracleOutline] {
    let objects: [OracleNode]
    switch root.shape {
    case .object: objects = [root]
    case .array(let elements): objects = elements.filter { $0.isObject }
    default: objects = []
    }
    return objects.map { OracleOutline(of: $0) }.filter { !$0.isNothing }
  }
}

extension OracleNode {
  subscript(name: OracleText) -> OracleNode? {
    guard case .object(let members) = shape else { return nil }
    return members.first { $0.name == name }?.value
  }

  var isObject: Bool { if case .object = shape { true } else { false } }
  var isNull: Bool { if case .word("null") = shape { true } else { false } }

  /// What the string means, if it is one.
  var text: OracleText? {
    guard case .string(let text) = shape else { return nil }
    return text
  }
}

extension OracleOutline {
  /// What the guard's skim has made out.
  init(_ outline: EnvelopeSkim.Outline) {
    id = outline.id.flatMap { OracleID($0) }
    hasUnusableID = outline.hasUnusableID
    hasMethod = outline.hasMethod
    isAnswer = outline.isAnswer
  }

  /// Whether its sender waits for an answer, and so has to be told that it was refused.
  func isOwedRefusal(fromClient: Bool) -> Bool {
    id == nil ? hasUnusableID && hasMethod : hasMethod || (fromClient && !isAnswer)
  }
}
