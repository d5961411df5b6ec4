import GuardCore
import Testing

@Suite struct UTF8SequenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: Bytes
    let length: Int?

    init(_ name: String, _ bytes: Bytes, _ length: Int?) {
      self.name = name
      self.bytes = bytes
      self.length = length
    }

    var testDescription: String { "\(name): \(length.map { "\($0) bytes" } ?? "nothing")" }
  }

  static let cases: [Case] = [
    Case("U+0000", [0x00], 1), Case("U+007F", [0x7f], 1), Case("a lone continuation", [0x80], nil),
    Case("the last continuation", [0xbf], nil), Case("overlong NUL", [0xc0, 0x80], nil),
    Case("overlong DEL", [0xc1, 0xbf], nil), Case("U+0080", [0xc2, 0x80], 2), Case("U+07FF", [0xdf, 0xbf], 2),
    Case("two bytes, the second missing", [0xc2], nil), Case("two bytes, the second a letter", [0xc2, 0x41], nil),
    Case("two bytes, the second a lead", [0xc2, 0xc2], nil), Case("overlong U+07FF", [0xe0, 0x9f, 0xbf], nil),
    Case("U+0800", [0xe0, 0xa0, 0x80], 3), Case("U+0FFF", [0xe0, 0xbf, 0xbf], 3),
    Case("U+D7FF", [0xed, 0x9f, 0xbf], 3),
    Case("the first surrogate", [0xed, 0xa0, 0x80], nil), Case("the last surrogate", [0xed, 0xbf, 0xbf], nil),
    Case("U+E000", [0xee, 0x80, 0x80], 3), Case("U+FFFF", [0xef, 0xbf, 0xbf], 3), Case("a BOM", [0xef, 0xbb, 0xbf], 3),
    Case("three bytes, two missing", [0xe2], nil), Case("three bytes, one missing", [0xe2, 0x82], nil),
    Case("three bytes, the third a letter", [0xe2, 0x82, 0x28], nil),
    Case("overlong U+FFFF", [0xf0, 0x8f, 0xbf, 0xbf], nil), Case("U+10000", [0xf0, 0x90, 0x80, 0x80], 4),
    Case("U+10FFFF", [0xf4, 0x8f, 0xbf, 0xbf], 4), Case("U+110000", [0xf4, 0x90, 0x80, 0x80], nil),
    Case("a lead that is too large", [0xf5, 0x80, 0x80, 0x80], nil),
    Case("four bytes, one missing", [0xf0, 0x9f, 0x98], nil),
    Case("four bytes, the fourth a letter", [0xf0, 0x9f, 0x98, 0x41], nil),
    Case("four bytes, the third a letter", [0xf0, 0x9f, 0x41, 0x80], nil),
    Case("0xF8", [0xf8, 0x88, 0x80, 0x80, 0x80], nil), Case("0xFE", [0xfe], nil), Case("0xFF", [0xff], nil),
  ]

  @Test(arguments: cases) func `a sequence is as long as RFC 3629 has it`(row: Case) {
    #expect(UTF8Sequence.length(in: row.bytes.span, at: 0) == row.length)
    // What stands before or behind doesn't matter.
    let framed = Bytes([0xff]) + row.bytes + [0x41]
    #expect(UTF8Sequence.length(in: framed.span, at: 1) == row.length)
  }

  @Test func `all pairs of bytes are read as the standard library reads them`() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max { expectSameReading([first, second]) }
    }
  }

  @Test(arguments: (0xe0...0xff) as ClosedRange<UInt8>)
  func `longer sequences are read as the standard library reads them`(first: UInt8) {
    // The bytes where the answer can change, and a neighbour on each side.
    let allBytes = Array(UInt8.min...UInt8.max)
    let edges: [UInt8] = [0x00, 0x22, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xbe, 0xbf, 0xc0, 0xff]
    for second in allBytes {
      for third in first < 0xf0 ? allBytes : edges {
        expectSameReading([first, second, third])
        if first >= 0xf0 && edges.contains(second) {
          for fourth in edges { expectSameReading([first, second, third, fourth]) }
        }
      }
    }
  }

  @Test func `all characters are well-formed, and written as they are read`() {
    for plane in UInt32(0)...16 {
      // Every one of the first plane, every seventh of the others.
      for value in stride(from: plane << 16, to: (plane + 1) << 16, by: plane == 0 ? 1 : 7) {
        guard let scalar = Unicode.Scalar(value) else { continue }
        let expected = Bytes(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        var written = Bytes()
        UTF8Sequence.append(value, to: &written)
        if written != expected { Issue.record("U+\(String(value, radix: 16)) is written as \(written)") }
        if UTF8Sequence.length(in: expected.span, at: 0) != expected.count {
          Issue.record("U+\(String(value, radix: 16)) is not read")
        }
      }
    }
  }

  private func expectSameReading(_ bytes: Bytes) {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var expected: Int?
    if case .scalarValue(let scalar) = decoder.decode(&iterator) { expected = UTF8.width(scalar) }
    let length = UTF8Sequence.length(in: bytes.span, at: 0)
    if length != expected { Issue.record("\(bytes) is read as \(length as Int?), not \(expected as Int?)") }
  }
}
