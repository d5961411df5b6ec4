/// Finds the ids of messages in a line that is broken or too long to be read, piece by piece, in constant memory.
///
/// It only follows strings and brackets, so it gets past whatever made the line unreadable. What it finds is good
/// enough to say no to the right request, and for nothing else.
package struct EnvelopeSkim {
  /// A message as far as it could be made out.
  package struct Outline: Equatable {
    package var id: MessageID?
    /// Whether there is an id that is nothing that an id may be.
    package var hasUnusableID = false
    package var hasMethod = false
    package var isAnswer = false
  }

  /// More messages of one refused line than these are not answered.
  static let mostMessages = 65536

  /// Nor those behind ids of more bytes than these.
  private static let mostIDBytes = 1024 * 1024

  private enum Expectation { case key, value }

  private var depth = 0
  private var messageDepth = 1
  private var isInString = false
  private var isEscaped = false
  private var expectation = Expectation.value
  private var key = Bytes()
  private var token = Bytes()
  private var hasNestedValue = false
  private var hasGap = false
  private var idBytes = 0
  private var current = Outline()
  private var outlines: [Outline] = []

  package init() {}

  /// Goes on with the next piece of the line.
  package mutating func feed(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      if isInString && !isEscaped && depth != messageDepth {
        index = ByteSearch.endOfPlainText(in: bytes, from: index)
        if index == bytes.count { return }
      }
      step(bytes[index])
      index += 1
    }
  }

  /// The messages of the line, which ends here.
  package mutating func finish() -> [Outline] {
    endToken()
    endMessage()
    return outlines
  }

  private mutating func step(_ byte: UInt8) {
    if isInString {
      if depth == messageDepth { keep(byte) }
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInString = true
      if depth == messageDepth {
        // Before a key there may be anything; of a value, two words are none.
        if expectation == .key { clearToken() }
        keep(byte)
      }
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if depth == 0 { endMessage() }
      if depth == 0 { messageDepth = byte == UInt8(ascii: "[") ? 2 : 1 }
      if depth == messageDepth { hasNestedValue = true }
      depth += 1
      if depth == messageDepth { expectation = .key }
      clearToken()
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if depth == messageDepth {
        endToken()
        // A message by itself may have a bracket too many in its middle; the line's end is its end as well.
        if messageDepth > 1 { endMessage() }
      }
      // Below nothing there is nothing: a stray bracket must not hide what follows it.
      depth = max(0, depth - 1)
    case UInt8(ascii: ":") where depth == messageDepth && expectation == .key:
      key = unquoted(token)
      clearToken()
      expectation = .value
    case UInt8(ascii: ",") where depth == messageDepth || (depth == 0 && messageDepth == 1):
      depth = messageDepth
      endToken()
      expectation = .key
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
      hasGap = !token.isEmpty
    default:
      if depth == messageDepth { keep(byte) }
    }
  }

  private mutating func keep(_ byte: UInt8) {
    if hasGap && !isInString {
      // Two words are not one: without this, `1 2` would be twelve.
      token.append(UInt8(ascii: " "))
      hasGap = false
    }
    if token.count <= MessageID.longestSpelling { token.append(byte) }
  }

  private mutating func clearToken() {
    token.removeAll(keepingCapacity: true)
    hasGap = false
  }

  private mutating func endToken() {
    if expectation == .value && depth == messageDepth {
      switch String(decoding: key, as: UTF8.self) {
      case "id":
        // Of several, the last: it is the one that nearly all readers take.
        let id = hasNestedValue ? nil : MessageID(spelling: token.span)
        current.id = id ?? current.id
        idBytes += token.count
        current.hasUnusableID = current.id == nil
      case "method": current.hasMethod = true
      case "result", "error": current.isAnswer = true
      default: break
      }
    }
    key.removeAll(keepingCapacity: true)
    clearToken()
    hasNestedValue = false
  }

  private mutating func endMessage() {
    let hasRoom = outlines.count < Self.mostMessages && idBytes <= Self.mostIDBytes
    if current != Outline() && hasRoom { outlines.append(current) }
    current = Outline()
  }

  /// What the quoted token means, or nothing when it isn't a string.
  private func unquoted(_ token: Bytes) -> Bytes {
    guard case .text(let content)? = MessageID(spelling: token.span) else { return [] }
    return content
  }
}
