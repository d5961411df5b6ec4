import GuardCore
import Testing

@Suite struct ByteSearchTests {
  private static let newline = UInt8(ascii: "\n")

  @Test func `the first newline is found wherever it stands`() {
    for (alignment, length) in Self.shapes {
      for hit in 0..<length {
        var bytes = Bytes(repeating: UInt8(ascii: "x"), count: alignment + length)
        bytes[alignment + hit] = Self.newline
        let span = bytes.span.extracting(alignment..<(alignment + length))
        #expect(ByteSearch.firstNewline(in: span, from: 0) == hit, "\(alignment) \(length)")
        #expect(ByteSearch.firstNewline(in: span, from: hit) == hit, "\(alignment) \(length)")
        #expect(ByteSearch.firstNewline(in: span, from: hit + 1) == nil, "\(alignment) \(length)")
      }
    }
  }

  @Test func `the last newline is found wherever it stands`() {
    for (alignment, length) in Self.shapes {
      for hit in 0..<length {
        var bytes = Bytes(repeating: UInt8(ascii: "x"), count: alignment + length)
        bytes[alignment + hit] = Self.newline
        let span = bytes.span.extracting(alignment..<(alignment + length))
        #expect(ByteSearch.lastNewline(in: span, from: 0) == hit, "\(alignment) \(length)")
        #expect(ByteSearch.lastNewline(in: span, from: hit) == hit, "\(alignment) \(length)")
        #expect(ByteSearch.lastNewline(in: span, from: hit + 1) == nil, "\(alignment) \(length)")
      }
    }
  }

  @Test(arguments: [0x00, 0x0a, 0x1f, 0x22, 0x5c, 0x80, 0xc3, 0xff] as [UInt8])
  func `plain text ends wherever a stop stands`(stop: UInt8) {
    for (alignment, length) in Self.shapes where alignment % 7 == 0 {
      for hit in stride(from: 0, to: length, by: 3) {
        var bytes = Bytes(repeating: UInt8(ascii: "x"), count: alignment + length)
        bytes[alignment + hit] = stop
        let span = bytes.span.extracting(alignment..<(alignment + length))
        #expect(ByteSearch.endOfPlainText(in: span, from: 0) == hit, "\(alignment) \(length)")
        #expect(ByteSearch.endOfPlainText(in: span, from: hit + 1) == length, "\(alignment) \(length)")
      }
    }
  }

  @Test func `every byte either stops plain text or does not, in a block as alone`() {
    for byte in UInt8.min...UInt8.max {
      let stops = byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
      for length in [1, 31, 32, 33, 64] {
        for place in [0, length / 2, length - 1] {
          var bytes = Bytes(repeating: UInt8(ascii: " "), count: length)
          bytes[place] = byte
          let end = ByteSearch.endOfPlainText(in: bytes.span, from: 0)
          #expect(end == (stops ? place : length), "byte \(byte) at \(place) of \(length)")
        }
      }
    }
  }

  @Test func `nothing is found in nothing`() {
    for length in 0...100 {
      let bytes = Bytes(repeating: UInt8(ascii: "~"), count: length)
      #expect(ByteSearch.firstNewline(in: bytes.span, from: 0) == nil)
      #expect(ByteSearch.lastNewline(in: bytes.span, from: 0) == nil)
      #expect(ByteSearch.firstNewline(in: bytes.span, from: length) == nil)
      #expect(ByteSearch.lastNewline(in: bytes.span, from: length) == nil)
      #expect(ByteSearch.endOfPlainText(in: bytes.span, from: 0) == length)
      #expect(ByteSearch.endOfPlainText(in: bytes.span, from: length) == length)
    }
  }

  @Test func `random bytes are searched as a plain loop would`() {
    var random = SeededRandom(seed: 1)
    let alphabet = Bytes("abc de\n\n\"\\\u{1}é~".utf8)
    for round in 0..<3000 {
      let count = Int.random(in: 0...100, using: &random)
      // Some with stops everywhere, some with hardly any.
      let rarity = random.pick([1, 8, 60])
      let bytes = Bytes(
        (0..<count).map { _ in random.oneIn(rarity) ? random.pick(Array(alphabet)) : UInt8(ascii: "x") })
      let start = Int.random(in: 0...count, using: &random)
      let tail = bytes[start...]
      #expect(ByteSearch.firstNewline(in: bytes.span, from: start) == tail.firstIndex(of: Self.newline), "\(round)")
      #expect(ByteSearch.lastNewline(in: bytes.span, from: start) == tail.lastIndex(of: Self.newline), "\(round)")
      let stop = tail.firstIndex { $0 < 0x20 || $0 >= 0x80 || $0 == 0x22 || $0 == 0x5c }
      #expect(ByteSearch.endOfPlainText(in: bytes.span, from: start) == stop ?? count, "\(round)")
    }
  }

  @Test func `a word is the same near the end of the bytes as far from it`() {
    let bytes = Bytes((0..<40).map { UInt8($0 * 6 + 1) })
    for start in 0..<40 {
      for count in 0...min(12, 40 - start) {
        var expected: UInt64 = 0
        for index in 0..<min(8, count) { expected |= UInt64(bytes[start + index]) << UInt64(index * 8) }
        let far = ByteSearch.word(of: bytes.span, from: start, count: count)
        let near = ByteSearch.word(of: bytes.span.extracting(0..<(start + count)), from: start, count: count)
        #expect(far == expected, "\(count) bytes at \(start)")
        #expect(near == expected, "\(count) bytes at \(start), the last")
      }
    }
  }

  @Test func `runs of bytes are equal only when all of them are`() {
    let bytes = Bytes("abcdefghijabcdefghij".utf8)
    #expect(ByteSearch.equal(bytes.span, 0..<10, 10..<20) == true)
    #expect(ByteSearch.equal(bytes.span, 3..<3, 7..<7) == true)
    #expect(ByteSearch.equal(bytes.span, 0..<10, 10..<19) == false)
    for place in 0..<10 {
      var other = bytes
      other[place] = UInt8(ascii: "X")
      #expect(ByteSearch.equal(other.span, 0..<10, 10..<20) == false)
    }
  }

  @Test func `a name matches only where all of it stands`() {
    let text = Bytes("xxnamexx".utf8)
    for start in 0...8 { #expect(ByteSearch.matches(Bytes("name".utf8), text.span, at: start) == (start == 2)) }
    #expect(ByteSearch.matches([], text.span, at: 8) == true)
    #expect(ByteSearch.matches(Bytes("xxx".utf8), text.span, at: 6) == false)
  }

  /// All lengths up to 100 at a few alignments, and all alignments at lengths about those of blocks.
  private static let shapes: [(alignment: Int, length: Int)] =
    [0, 1, 31].flatMap { alignment in (0...100).map { (alignment, $0) } }
    + (2..<31).flatMap { alignment in [1, 32, 33, 70].map { (alignment, $0) } }
}
