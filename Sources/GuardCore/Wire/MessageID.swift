/// The id of a request, compared as what it spells: a string is never the integer that it looks like.
package enum MessageID: Hashable, Sendable {
  case integer(Int64)
  /// An integer that has no room in a word, by its digits.
  case digits(Bytes)
  /// A string, with its escapes seen through.
  case text(Bytes)

  /// No id of any client has more than 40 bytes or so, and all that wait are kept.
  static let longestSpelling = 4096

  /// The id at `place`, or nil where something else stands.
  package init?(_ tape: borrowing JSONTape, at place: Int, of text: Span<UInt8>) {
    switch tape[place].kind {
    case _ where tape[place].extent > Self.longestSpelling: return nil
    case .string, .escapedString:
      var content = Bytes()
      JSONString.decode(text, tape.content(at: place), to: &content)
      self = .text(content)
    case .integer: self = Self.integer(text, tape.bytes(at: place))
    default: return nil
    }
  }

  /// The id that `token` spells, quotes included, as far as it can be answered to: also 1.0, which is none.
  init?(spelling token: Span<UInt8>) {
    guard token.count > 0, token.count <= Self.longestSpelling else { return nil }
    if token[0] == UInt8(ascii: "\"") {
      guard let end = try? JSONString.scan(token, 0).end, end == token.count else { return nil }
      var content = Bytes()
      JSONString.decode(token, 1..<(end - 1), to: &content)
      self = .text(content)
    } else {
      guard let (end, isInteger) = try? JSONNumber.scan(token, 0), end == token.count else { return nil }
      self = isInteger ? Self.integer(token, 0..<end) : .digits(Self.copy(token, 0..<end))
    }
  }

  private static func copy(_ text: Span<UInt8>, _ range: Range<Int>) -> Bytes {
    var bytes = Bytes()
    for index in range { bytes.append(text[index]) }
    return bytes
  }

  private static func integer(_ text: Span<UInt8>, _ range: Range<Int>) -> MessageID {
    let isNegative = text[range.lowerBound] == UInt8(ascii: "-")
    var value: Int64 = 0
    for index in (range.lowerBound + (isNegative ? 1 : 0))..<range.upperBound {
      let digit = Int64(text[index] - UInt8(ascii: "0"))
      let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(digit)
      if tensOverflow || overflow { return .digits(copy(text, range)) }
      value = sum
    }
    return .integer(isNegative ? -value : value)
  }

  /// How much is kept outside of the id itself.
  var heldBytes: Int {
    switch self {
    case .integer: 0
    case .digits(let bytes), .text(let bytes): bytes.count
    }
  }

  /// The integer that a number like `5.0` is, for those readers to whom it is one.
  var withoutFraction: MessageID {
    guard case .digits(let digits) = self, let point = digits.firstIndex(of: UInt8(ascii: ".")),
      digits[(point + 1)...].allSatisfy({ $0 == UInt8(ascii: "0") })
    else { return self }
    return Self.integer(digits.span, 0..<point)
  }

  /// Appends the id as JSON.
  package func encode(to output: inout Bytes) {
    switch self {
    case .integer(let value): output.append(contentsOf: String(value).utf8)
    case .digits(let digits): output.append(contentsOf: digits)
    case .text(let content): JSONString.encode(content, to: &output)
    }
  }
}
