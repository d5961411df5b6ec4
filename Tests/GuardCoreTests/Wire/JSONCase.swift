import GuardCore
import Testing

/// A document, and what is wrong with it.
struct JSONCase: Sendable, CustomTestStringConvertible {
  /// The document; `⟨c3 28⟩` stands for bytes by their numbers.
  let notation: String
  let flaw: Flaw?

  var bytes: Bytes { Self.bytes(of: notation) }
  var testDescription: String {
    "\(flaw?.rawValue ?? "accepted"): \(notation.count > 60 ? "…" : notation.debugDescription)"
  }

  /// Cases of documents that are JSON, to everybody.
  static func accept(_ documents: String...) -> [JSONCase] { documents.map { JSONCase(notation: $0, flaw: nil) } }

  /// Cases of documents with a flaw.
  static func refuse(_ flaw: Flaw, _ documents: String...) -> [JSONCase] {
    documents.map { JSONCase(notation: $0, flaw: flaw) }
  }

  /// All cases there are.
  static let all = accepted + refused

  /// The bytes that `notation` stands for.
  static func bytes(of notation: String) -> Bytes {
    var bytes = Bytes()
    var digits: String?
    for scalar in notation.unicodeScalars {
      switch (scalar, digits) {
      case ("⟨", nil): digits = ""
      case ("⟩", let hexadecimal?):
        bytes += stride(from: 0, to: hexadecimal.count, by: 2).map { offset in
          UInt8(hexadecimal.dropFirst(offset).prefix(2), radix: 16) ?? 0
        }
        digits = nil
      case (" ", .some): break
      case (_, .some): digits?.unicodeScalars.append(scalar)
      default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
    return bytes
  }
}
