/// How a fuzz target says that something is wrong, and what all of them need.
enum Opinions {
  /// Ends the process, so that the fuzzer keeps the input, with what each side says.
  static func differ(_ what: String, guard theirs: Any, oracle ours: Any, about bytes: some Sequence<UInt8>) -> Never {
    fatalError(
      """
      \(what)
        the guard:  \(readable(theirs))
        the oracle: \(readable(ours))
        about:      \(printable(bytes))
      """)
  }

  /// `differ`, unless `condition`.
  static func demand(_ condition: Bool, _ what: String, about bytes: some Sequence<UInt8>) {
    if !condition { differ(what, guard: "no", oracle: "yes", about: bytes) }
  }

  /// Bytes as a string literal of Python's, which every terminal can show.
  static func printable(_ bytes: some Sequence<UInt8>) -> String {
    var text = "b'"
    for byte in bytes {
      switch byte {
      case 0x0a: text += "\\n"
      case 0x27, 0x5c: text += "\\" + String(Unicode.Scalar(byte))
      case 0x20..<0x7f: text += String(Unicode.Scalar(byte))
      default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return text + "'"
  }

  private static func readable(_ value: Any) -> String {
    switch value {
    case let bytes as Bytes: printable(bytes)
    case let ids as [OracleID?]: "[" + ids.map { $0?.description ?? "null" }.joined(separator: ", ") + "]"
    case let list as [Bytes]: list.map { printable($0) }.joined(separator: ", ")
    default: "\(value)"
    }
  }
}

extension OracleID {
  /// What the guard's `id` means, by the bytes that it would write for it.
  init?(_ id: MessageID) {
    var spelling = Bytes()
    id.encode(to: &spelling)
    guard let node = try? OracleParser.parse(spelling) else { return nil }
    self.init(node)
  }
}

/// The lines that the guard writes itself.
enum OracleReply {
  /// The id that the refusal `line` answers, nil standing for null; anything else than a refusal ends the process.
  static func refusedID(_ line: Bytes) -> OracleID? {
    guard let node = try? OracleParser.parse(line) else {
      Opinions.differ("the guard writes messages", guard: line, oracle: "no JSON", about: line)
    }
    return refusedID(node, line)
  }

  /// The id that the refusal `node` answers, which stands in `line`.
  static func refusedID(_ node: OracleNode, _ line: Bytes) -> OracleID? {
    guard isRefusal(node), let id = node["id"] else {
      Opinions.differ("the guard writes a refusal", guard: "yes", oracle: "no", about: line[node.bytes])
    }
    return OracleID(id)
  }

  /// Whether the guard has written the message `node`; the id may be a fraction, which is repeated to whoever sent it.
  static func isRefusal(_ node: OracleNode) -> Bool {
    guard case .object(let members) = node.shape, members.map(\.name) == ["jsonrpc", "id", "error"],
      let id = node["id"], OracleID(id) != nil || id.isNull, node["jsonrpc"]?.text == "2.0",
      let error = node["error"], case .integer(let code)? = error["code"]?.shape
    else { return false }
    return ["40304", "40306"].contains(code) && error["message"]?.text != nil
      && error["data"]?["io.mcp-guard/decision"]?["decision"]?.text == "deny"
  }

  /// The lines of `text`, each of which must end in a newline.
  static func lines(_ text: Bytes) -> [Bytes] {
    if text.isEmpty { return [] }
    Opinions.demand(text.last == 0x0a, "what the guard writes ends a line", about: text)
    return text.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false).map { Bytes($0) }
  }
}
