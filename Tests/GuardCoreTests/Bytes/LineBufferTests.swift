import Testing

@testable import GuardCore

@Suite struct LineBufferTests {
  @Test func `every split of a transcript into three reads gives the same lines`() throws {
    // Empty lines, CR LF, a line of exactly the limit, one that is longer, and one without an end.
    let transcript = Bytes("{\"a\":1}\n\n\r\n12345678\n123456789abc\nx\nlast".utf8)
    let expected =
      [Self.line("{\"a\":1}\n"), Self.line("\n"), Self.line("\r\n"), Self.line("12345678\n")]
      + [.overlong(Bytes("123456789abc".utf8)), Self.line("x\n"), Self.line("last")]
    for first in 0...transcript.count {
      for second in first...transcript.count {
        let pieces = [transcript[..<first], transcript[first..<second], transcript[second...]].map { Bytes($0) }
        let lines = try Self.lines(of: pieces, lineLimit: 8)
        #expect(lines == expected, "cut at \(first) and \(second)")
      }
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `random splits of a long transcript give the same lines`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var transcript = Bytes()
    var expected: [Line] = []
    for _ in 0..<100 {
      let length = random.pick([0, 1, 5, 80, 199, 200, 201, 202, 1500, 4000])
      let body = Bytes((0..<length).map { _ in random.oneIn(9) ? UInt8(ascii: "\r") : UInt8(ascii: "a") })
      let line = body + [UInt8(ascii: "\n")]
      transcript += line
      expected += Self.split(line, lineLimit: 200)
    }
    let longest = random.pick([1, 7, 100, 3000, 16_000])
    let pieces = random.pieces(of: transcript, longest: longest == 1 ? 40 : longest)
    #expect(try Self.lines(of: pieces, lineLimit: 200) == expected)
  }

  @Test func `a line is overlong once not even a carriage return can explain its length`() throws {
    let pipe = try Pipe()
    var buffer = try LineBuffer(lineLimit: 100)
    try Self.fill(&buffer, with: Bytes(repeating: UInt8(ascii: "x"), count: 100), through: pipe)
    buffer.lendLines { _ in Issue.record("there is no line yet") }
    #expect(buffer.isOverlong == false)
    try Self.fill(&buffer, with: [UInt8(ascii: "\r")], through: pipe)
    buffer.lendLines { _ in Issue.record("there is no line yet") }
    #expect(buffer.isOverlong == false)
    try Self.fill(&buffer, with: [UInt8(ascii: "x")], through: pipe)
    buffer.lendLines { _ in Issue.record("there is no line yet") }
    #expect(buffer.isOverlong == true)
  }

  @Test func `a line of exactly the limit may end in CR LF, wherever the reads are cut`() throws {
    let line = Bytes("12345678\r\n".utf8)
    for cut in 0...line.count {
      let lines = try Self.lines(of: [Bytes(line[..<cut]), Bytes(line[cut...])], lineLimit: 8)
      #expect(lines == [.whole(line)], "cut at \(cut)")
    }
  }

  @Test func `the first byte is that of the line that has begun`() throws {
    let pipe = try Pipe()
    var buffer = try LineBuffer(lineLimit: 100)
    #expect(buffer.firstByte == nil)
    try Self.fill(&buffer, with: Bytes("ab\ncd".utf8), through: pipe)
    #expect(buffer.firstByte == UInt8(ascii: "a"))
    buffer.lendLines { _ in }
    #expect(buffer.firstByte == UInt8(ascii: "c"))
    _ = buffer.lendCurrentLine { _ in }
    #expect(buffer.firstByte == nil)
  }

  @Test func `lines are lent in one piece, and nothing is lent when there is none`() throws {
    let pipe = try Pipe()
    var buffer = try LineBuffer(lineLimit: 100)
    var lent: [Bytes] = []
    for piece in ["a\nb\nc", "", "d", "\n", "e"] {
      if !piece.isEmpty { try Self.fill(&buffer, with: Bytes(piece.utf8), through: pipe) }
      buffer.lendLines { lent.append(Self.copy($0)) }
    }
    #expect(lent == [Bytes("a\nb\n".utf8), Bytes("cd\n".utf8)])
  }

  @Test func `an overlong line is lent piece by piece, and what follows it is kept`() throws {
    let pipe = try Pipe()
    var buffer = try LineBuffer(lineLimit: 4)
    var lent: [Bytes] = []
    var hasEnded: [Bool] = []
    try Self.fill(&buffer, with: Bytes("123456".utf8), through: pipe)
    hasEnded.append(buffer.lendCurrentLine { lent.append(Self.copy($0)) })
    try Self.fill(&buffer, with: Bytes("789".utf8), through: pipe)
    hasEnded.append(buffer.lendCurrentLine { lent.append(Self.copy($0)) })
    try Self.fill(&buffer, with: Bytes("\nab\ncd".utf8), through: pipe)
    hasEnded.append(buffer.lendCurrentLine { lent.append(Self.copy($0)) })
    buffer.lendLines { lent.append(Self.copy($0)) }
    hasEnded.append(buffer.lendCurrentLine { lent.append(Self.copy($0)) })
    #expect(hasEnded == [false, false, true, false])
    #expect(lent == ["123456", "789", "", "ab\n", "cd"].map { Bytes($0.utf8) })
  }

  @Test func `a giant line comes through whole, and what follows when its memory is given back`() throws {
    let limit = 3 << 20
    let pattern = (0..<251).map { UInt8($0) | 0x20 }
    let giant = Bytes(repeatElement(pattern, count: limit / 251 + 1).joined().prefix(limit))
    var transcript: [Bytes] = [Bytes("before\n".utf8)]
    for start in stride(from: 0, to: limit, by: 16_000) {
      transcript.append(Bytes(giant[start..<min(limit, start + 16_000)]))
    }
    transcript += ["\naft", "er\n", "and ", "again\n"].map { Bytes($0.utf8) }
    var lines = try Self.lines(of: transcript + transcript, lineLimit: limit)
    #expect(lines.count == 8)
    let small = ["before\n", "after\n", "and again\n"].map { Self.line($0) }
    let giants = [lines.remove(at: 5), lines.remove(at: 1)]
    #expect(lines == small + small)
    for line in giants {
      // Not in the expectation, which would print it.
      let isWhole = line == .whole(giant + [UInt8(ascii: "\n")])
      #expect(isWhole)
    }
  }

  enum Line: Equatable {
    /// A line with its end, if it has one.
    case whole(Bytes)
    /// The body of a line that is longer than the limit, however it was noticed.
    case overlong(Bytes)
  }

  private static func line(_ text: String) -> Line { .whole(Bytes(text.utf8)) }

  /// What comes out when each of `pieces` is one read, taken as a pump takes it.
  private static func lines(of pieces: [Bytes], lineLimit: Int) throws -> [Line] {
    let pipe = try Pipe()
    var buffer = try LineBuffer(lineLimit: lineLimit)
    var lines: [Line] = []
    var overlong: Bytes?
    for piece in pieces where !piece.isEmpty {
      try fill(&buffer, with: piece, through: pipe)
      if let begun = overlong {
        var body = begun
        let hasEnded = buffer.lendCurrentLine { body += copy($0) }
        overlong = hasEnded ? nil : body
        if hasEnded { lines.append(.overlong(body.last == UInt8(ascii: "\r") ? Bytes(body.dropLast()) : body)) }
      }
      if overlong != nil { continue }
      buffer.lendLines { lines += split(copy($0), lineLimit: lineLimit) }
      if buffer.isOverlong {
        var body = Bytes()
        _ = buffer.lendCurrentLine { body += copy($0) }
        overlong = body
      }
    }
    if let overlong { return lines + [.overlong(overlong)] }
    _ = buffer.lendCurrentLine { lines += split(copy($0), lineLimit: lineLimit) }
    return lines
  }

  /// The lines of `bytes`, told apart by length as a judge does.
  private static func split(_ bytes: Bytes, lineLimit: Int) -> [Line] {
    var lines: [Line] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
      var body = bytes[start..<end]
      if body.last == UInt8(ascii: "\n") { body.removeLast() }
      if end > body.endIndex, body.last == UInt8(ascii: "\r") { body.removeLast() }
      lines.append(body.count > lineLimit ? .overlong(Bytes(body)) : .whole(Bytes(bytes[start..<end])))
      start = end
    }
    return lines
  }

  private static func fill(_ buffer: inout LineBuffer, with piece: Bytes, through pipe: borrowing Pipe) throws {
    try SystemCalls.write(piece.span, to: pipe.writeEnd.number)
    var taken = 0
    while taken < piece.count { taken += try buffer.fill(from: pipe.readEnd.number) }
  }

  private static func copy(_ bytes: Span<UInt8>) -> Bytes { bytes.withUnsafeBufferPointer { Bytes($0) } }
}
