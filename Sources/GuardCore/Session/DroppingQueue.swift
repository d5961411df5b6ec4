/// Bytes that wait, oldest first; when there are far too many, the oldest lines go.
struct DroppingQueue: Sendable {
  /// How much may wait before anything is dropped; whoever fills it should stop there if it can.
  static let capacity = 256 * 1024
  private static let most = 2 * capacity

  private var bytes = Bytes()
  private var start = 0
  private var dropped = 0

  var count: Int { bytes.count - start }

  mutating func append(_ more: Bytes) {
    bytes.append(contentsOf: more)
    let excess = count - Self.most
    if excess <= 0 { return }
    // Whole lines go, where there are lines.
    let cut = start + excess
    let lineEnd = bytes[cut...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? cut
    dropped += lineEnd - start
    start = lineEnd
    compact()
  }

  mutating func prepend(_ more: Bytes) {
    bytes = more + bytes[start...]
    start = 0
  }

  func first(_ most: Int) -> Bytes { Bytes(bytes[start...].prefix(most)) }

  mutating func removeFirst(_ count: Int) {
    start = min(bytes.count, start + count)
    compact()
  }

  /// How much was dropped since the last time.
  mutating func takeDropped() -> Int {
    defer { dropped = 0 }
    return dropped
  }

  /// Forgets what is gone, but not byte by byte.
  private mutating func compact() {
    guard start == bytes.count || start > Self.capacity else { return }
    bytes.removeSubrange(..<start)
    start = 0
    if bytes.isEmpty { bytes = [] }
  }
}
