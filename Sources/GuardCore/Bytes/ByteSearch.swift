/// Finding bytes many at a time; outside Platform the only loops that read memory without a check of every index.
package enum ByteSearch {
  // Compared with whole blocks only: against a single byte the same operators are a hundred times as slow.
  private typealias Block = SIMD32<UInt8>
  private static var blockSize: Int { 32 }

  /// The first newline at or after `start`.
  package static func firstNewline(in bytes: Span<UInt8>, from start: Int) -> Int? {
    let newline = UInt8(ascii: "\n")
    let newlines = Block(repeating: newline)
    var index = start
    while index + blockSize <= bytes.count {
      if let hit = firstSet(in: block(of: bytes, at: index) .== newlines) { return index + hit }
      index += blockSize
    }
    while index < bytes.count {
      if bytes[index] == newline { return index }
      index += 1
    }
    return nil
  }

  /// The last newline at or after `start`.
  package static func lastNewline(in bytes: Span<UInt8>, from start: Int) -> Int? {
    let newline = UInt8(ascii: "\n")
    let newlines = Block(repeating: newline)
    var end = bytes.count
    while end - blockSize >= start {
      if let hit = lastSet(in: block(of: bytes, at: end - blockSize) .== newlines) { return end - blockSize + hit }
      end -= blockSize
    }
    while end > start {
      end -= 1
      if bytes[end] == newline { return end }
    }
    return nil
  }

  /// Where the run of plain ASCII text that begins at `start` ends: at a quote, a backslash, a control or a non-ASCII byte.
  package static func endOfPlainText(in bytes: Span<UInt8>, from start: Int) -> Int {
    let quotes = Block(repeating: UInt8(ascii: "\""))
    let backslashes = Block(repeating: UInt8(ascii: "\\"))
    let spaces = SIMD32<Int8>(repeating: 0x20)
    var index = start
    while index + blockSize <= bytes.count {
      let block = block(of: bytes, at: index)
      // As signed numbers, both the control characters and everything from 0x80 on lie below the space.
      let isUnprintable = unsafe unsafeBitCast(block, to: SIMD32<Int8>.self) .< spaces
      let stops = isUnprintable .| (block .== quotes) .| (block .== backslashes)
      if let hit = firstSet(in: stops) { return index + hit }
      index += blockSize
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
      index += 1
    }
    return index
  }

  /// Up to eight bytes from `start` as one number, so that short names compare in one step.
  package static func word(of bytes: Span<UInt8>, from start: Int, count: Int) -> UInt64 {
    let count = min(count, 8)
    if start + 8 <= bytes.count {
      let word = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
      return count == 8 ? UInt64(littleEndian: word) : UInt64(littleEndian: word) & (1 << (UInt64(count) * 8) - 1)
    }
    var word: UInt64 = 0
    for index in 0..<count { word |= UInt64(bytes[start + index]) << (UInt64(index) * 8) }
    return word
  }

  /// Whether two runs of bytes are the same.
  package static func equal(_ bytes: Span<UInt8>, _ first: Range<Int>, _ second: Range<Int>) -> Bool {
    if first.count != second.count { return false }
    for offset in 0..<first.count where bytes[first.lowerBound + offset] != bytes[second.lowerBound + offset] {
      return false
    }
    return true
  }

  /// Whether `name` stands at `start`.
  package static func matches(_ name: Bytes, _ text: Span<UInt8>, at start: Int) -> Bool {
    if start + name.count > text.count { return false }
    for index in 0..<name.count where name[index] != text[start + index] { return false }
    return true
  }

  private static func block(of bytes: Span<UInt8>, at index: Int) -> Block {
    // In bounds: every caller has checked that a whole block is left.
    unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: index, as: Block.self) }
  }

  private static func firstSet(in mask: SIMDMask<SIMD32<Int8>>) -> Int? {
    let words = unsafe unsafeBitCast(mask, to: SIMD4<UInt64>.self)
    if words[0] | words[1] | words[2] | words[3] == 0 { return nil }
    for index in 0..<4 where words[index] != 0 {
      return index * 8 + UInt64(littleEndian: words[index]).trailingZeroBitCount / 8
    }
    return nil
  }

  private static func lastSet(in mask: SIMDMask<SIMD32<Int8>>) -> Int? {
    let words = unsafe unsafeBitCast(mask, to: SIMD4<UInt64>.self)
    if words[0] | words[1] | words[2] | words[3] == 0 { return nil }
    for index in stride(from: 3, through: 0, by: -1) where words[index] != 0 {
      return index * 8 + 7 - UInt64(littleEndian: words[index]).leadingZeroBitCount / 8
    }
    return nil
  }
}
