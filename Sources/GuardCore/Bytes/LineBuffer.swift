/// Lines out of reads: no byte is searched twice, and none is copied but the start of a line that is still to end.
///
///     |<- held, searched ->|<- just read ->|       free        |
///     0                 searched          end               capacity
///
/// After each read the bytes up to the last newline are lent out in one piece; what is behind it moves to the front.
package struct LineBuffer: ~Copyable {
  /// How much one read may bring.
  package static let readSize = 256 * 1024
  /// How much memory is kept between lines; a longer line's is given back as soon as the line is through.
  static let keptSize = 2 * 1024 * 1024

  private var memory: Region<UInt8>
  private let lineLimit: Int
  private var end = 0
  private var searched = 0
  private var touched = 0

  package init(lineLimit: Int) throws(Errno) {
    self.lineLimit = lineLimit
    memory = try Region(capacity: lineLimit + 1 + Self.readSize)
  }

  /// Whether the line that is being read is longer than any may be, a carriage return at its end not counted.
  package var isOverlong: Bool { end > lineLimit + 1 }

  /// The first byte of what is here.
  package var firstByte: UInt8? { end > 0 ? memory[0] : nil }

  /// Reads once; says how many bytes came, where 0 means that no more will. A signal ends it with an error.
  package mutating func fill(from descriptor: Int32) throws(Errno) -> Int {
    let count = try memory.read(from: descriptor, into: end..<min(end + Self.readSize, memory.capacity))
    end += count
    touched = max(touched, end)
    return count
  }

  /// Lends all whole lines that are here, newlines included, and forgets them.
  package mutating func lendLines(to body: (Span<UInt8>) -> Void) {
    let from = searched
    let lastNewline = memory.lend(0..<end) { ByteSearch.lastNewline(in: $0, from: from) }
    guard let lastNewline else {
      searched = end
      return
    }
    memory.lend(0..<(lastNewline + 1), to: body)
    memory.moveToFront((lastNewline + 1)..<end)
    end -= lastNewline + 1
    searched = end
    giveBack()
  }

  /// Lends what is here of the line that has begun, without the newline, and forgets it; true when it ends here.
  package mutating func lendCurrentLine(to body: (Span<UInt8>) -> Void) -> Bool {
    let newline = memory.lend(0..<end) { ByteSearch.firstNewline(in: $0, from: 0) }
    memory.lend(0..<(newline ?? end), to: body)
    let rest = newline.map { $0 + 1 } ?? end
    memory.moveToFront(rest..<end)
    end -= rest
    searched = 0
    giveBack()
    return newline != nil
  }

  private mutating func giveBack() {
    guard touched > Self.keptSize else { return }
    memory.discard(from: max(end, Self.keptSize))
    touched = max(end, Self.keptSize)
  }
}
