import GuardCore
import Testing

@Suite struct RegionTests {
  @Test func `fresh memory reads as zero`() throws {
    let region = try Region<UInt8>(capacity: 100_000)
    #expect(region.capacity == 100_000)
    for index in [0, 1, 4095, 4096, 99_999] { #expect(region[index] == 0) }
  }

  @Test func `what is written can be read and lent`() throws {
    var region = try Region<UInt64>(capacity: 1000)
    for index in 0..<1000 { region[index] = UInt64(index * index) }
    #expect((0..<1000).allSatisfy { region[$0] == UInt64($0 * $0) })
    let (count, first, last) = region.lend(10..<20) { ($0.count, $0[0], $0[9]) }
    #expect((count, first, last) == (10, 100, 361))
    #expect(region.lend(5..<5) { $0.count } == 0)
    #expect(region.lend(1000..<1000) { $0.count } == 0)
  }

  @Test(arguments: [0..<0, 0..<10, 1..<10, 3..<5, 5..<10, 9..<10, 10..<10])
  func `a range moves to the front even where it overlaps`(range: Range<Int>) throws {
    var region = try Region<UInt8>(capacity: 10)
    let bytes = Bytes("0123456789".utf8)
    for (index, byte) in bytes.enumerated() { region[index] = byte }
    region.moveToFront(range)
    #expect(copy(region, 0..<range.count) == Bytes(bytes[range]))
    #expect(copy(region, range.count..<10) == Bytes(bytes[range.count...]))
  }

  @Test func `growing keeps what it is told to keep`() throws {
    var region = try Region<UInt64>(capacity: 700)
    for index in 0..<700 { region[index] = UInt64(index) + 1 }
    for round in 1...4 {
      try region.grow(to: region.capacity * 2, keeping: 600)
      #expect(region.capacity == 700 << round)
      #expect((0..<600).allSatisfy { region[$0] == UInt64($0) + 1 })
      #expect(region[600] == 0)
      region[region.capacity - 1] = 7
      #expect(region[region.capacity - 1] == 7)
    }
  }

  @Test func `what is discarded reads as zero, and can be written again`() throws {
    let count = 1 << 20
    var region = try Region<UInt8>(capacity: count)
    for index in stride(from: 0, to: count, by: 512) { region[index] = 0xaa }
    region.discard(from: 300_000)
    // Pages go as a whole: of the one that holds the limit nothing is lost.
    #expect(stride(from: 0, to: 300_000, by: 512).allSatisfy { region[$0] == 0xaa })
    #expect(stride(from: 327_680, to: count, by: 512).allSatisfy { region[$0] == 0 })
    region[count - 1] = 1
    #expect(region[count - 1] == 1)
  }

  @Test func `discarding from the very end is nothing`() throws {
    var region = try Region<UInt8>(capacity: 5000)
    for index in 0..<5000 { region[index] = 1 }
    region.discard(from: 5000)
    #expect((0..<5000).allSatisfy { region[$0] == 1 })
  }

  @Test func `the elements of a region count in elements, not in bytes`() throws {
    var region = try Region<UInt64>(capacity: 1 << 16)
    for index in stride(from: 0, to: 1 << 16, by: 64) { region[index] = 5 }
    region.discard(from: 1 << 14)
    #expect(stride(from: 0, to: 1 << 14, by: 64).allSatisfy { region[$0] == 5 })
    #expect(stride(from: 1 << 15, to: 1 << 16, by: 64).allSatisfy { region[$0] == 0 })
  }

  @Test func `a read brings what is there, and nothing at the end`() throws {
    let pipe = try Pipe()
    try SystemCalls.write(Bytes("hello world".utf8).span, to: pipe.writeEnd.number)
    var region = try Region<UInt8>(capacity: 64)
    var count = try region.read(from: pipe.readEnd.number, into: 10..<15)
    #expect(count == 5)
    #expect(copy(region, 10..<15) == Bytes("hello".utf8))
    count = try region.read(from: pipe.readEnd.number, into: 0..<64)
    #expect(count == 6)
    #expect(copy(region, 0..<6) == Bytes(" world".utf8))
    let null = try SystemCalls.openNull()
    count = try region.read(from: null.number, into: 0..<64)
    #expect(count == 0)
  }

  @Test func `reading from what is closed is an error`() throws {
    var region = try Region<UInt8>(capacity: 64)
    #expect(throws: Errno.self) { _ = try region.read(from: -1, into: 0..<64) }
  }

  @Test func `a place outside the region is a trap`() async {
    await #expect(processExitsWith: .failure) { _ = try Region<UInt8>(capacity: 4096)[4096] }
    await #expect(processExitsWith: .failure) { _ = try Region<UInt8>(capacity: 4096)[-1] }
    await #expect(processExitsWith: .failure) { try Region<UInt8>(capacity: 64).lend(60..<65) { _ = $0.count } }
  }

  private func copy(_ region: borrowing Region<UInt8>, _ range: Range<Int>) -> Bytes { Bytes(range.map { region[$0] }) }
}
