import GuardCore

extension JSONScanner {
  /// What a new scanner finds wrong with `document`.
  static func fault(in document: Bytes) throws -> Fault? {
    var scanner = try JSONScanner(textLimit: 1 << 26)
    return scanner.fault(in: document)
  }

  /// What this scanner finds wrong with `document`.
  mutating func fault(in document: Bytes) -> Fault? {
    do throws(Fault) {
      try scan(document.span)
      return nil
    } catch {
      return error
    }
  }
}
