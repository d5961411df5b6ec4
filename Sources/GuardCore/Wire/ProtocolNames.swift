/// Names that the protocol gives to members, beside those of a method's parameters.
enum ProtocolNames {
  /// The members of a message.
  static let envelope = Vocabulary(["jsonrpc", "id", "method", "params", "result", "error"])

  /// The members of `params` that every method has.
  static let anyParameters = Vocabulary(["_meta"])

  /// The members of `_meta` that are the protocol's own.
  static let meta = Vocabulary([
    "progressToken", "traceparent", "tracestate", "baggage",
    "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities",
    "io.modelcontextprotocol/clientInfo", "io.modelcontextprotocol/logLevel",
    "io.modelcontextprotocol/subscriptionId", "io.modelcontextprotocol/related-task",
  ])
}

/// Names that a key may have, and may not almost have.
struct Vocabulary: Sendable {
  /// No longer key can be one of the names, or almost: they have at most 43 letters, of at most six bytes as escapes.
  static let longestSpelling = 64 * 6

  private let names: [Bytes]
  private let folded: [Bytes]

  init(_ names: [String]) {
    self.names = names.map { Bytes($0.utf8) }
    folded = names.map { CaseFolding.folded($0.utf8) }
  }

  /// Whether the bytes of `range` are one of the names.
  func has(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for name in names where name.count == range.count && ByteSearch.matches(name, text, at: range.lowerBound) {
      return true
    }
    return false
  }

  /// Whether `key` is one of the names but for the case of its letters.
  func almostHas(_ key: Bytes) -> Bool { !names.contains(key) && folded.contains(CaseFolding.folded(key)) }
}
