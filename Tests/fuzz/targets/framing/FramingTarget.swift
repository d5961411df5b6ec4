// Fuzz target: one stream, cut into reads in different places. The lines, the outlines and what a pump writes must not
// depend on where the cuts are, and must be those of a naive split on newline.

import Glibc

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let framing = Framing(Bytes(UnsafeBufferPointer(start: start, count: count))) else { return -1 }
  framing.checkLines()
  framing.checkSkim()
  framing.checkPump()
  return 0
}

struct Framing {
  private static let lineLimits = [8, 40, 100, 1000]
  /// What a client has asked before the stream of a server begins.
  private static let questions: [Bytes] = ["1", "2", "\"a\""].map { id in
    Bytes("{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}\n".utf8)
  }

  private let direction: Direction
  private let lineLimit: Int
  private let stream: Bytes
  /// The same stream in pieces: at once, as the input says, and in dribbles.
  private let splits: [[Bytes]]

  /// The first byte has the direction, the limit and the number of cuts; two bytes for each cut follow, then the stream.
  init?(_ input: Bytes) {
    guard let options = input.first else { return nil }
    let cutCount = Int(options >> 4)
    guard input.count >= 1 + 2 * cutCount else { return nil }
    direction = options & 1 == 0 ? .fromClient : .fromServer
    lineLimit = Self.lineLimits[Int(options >> 1 & 3)]
    stream = Bytes(input.dropFirst(1 + 2 * cutCount))
    let size = stream.count + 1
    let chosen = (0..<cutCount).map { (Int(input[1 + 2 * $0]) << 8 | Int(input[2 + 2 * $0])) % size }
    let dribbles =
      options & 8 == 0 ? Array(0..<min(size, 64)) : Array(stride(from: lineLimit + 1, to: size, by: 1).prefix(64))
    splits = [[], chosen, dribbles].map { [stream] in Self.pieces(of: stream, cutAt: $0) }
  }

  private static func pieces(of stream: Bytes, cutAt cuts: [Int]) -> [Bytes] {
    let edges = Set(cuts + [0, stream.count]).sorted()
    return zip(edges, edges.dropFirst()).map { Bytes(stream[$0..<$1]) }
  }

  /// The lines, newlines included, as anyone would cut them who has the whole stream.
  private var lines: [Bytes] {
    var lines: [Bytes] = [[]]
    for byte in stream {
      lines[lines.count - 1].append(byte)
      if byte == 0x0a { lines.append([]) }
    }
    return lines.filter { !$0.isEmpty }
  }

  // MARK: Lines

  func checkLines() {
    for split in splits {
      guard let pipe = try? Pipe(), var buffer = try? LineBuffer(lineLimit: stream.count) else {
        fatalError("no memory")
      }
      var found: [Bytes] = []
      for piece in split {
        try? SystemCalls.write(piece.span, to: pipe.writeEnd.number)
        let count = try? buffer.fill(from: pipe.readEnd.number)
        Opinions.demand(count == piece.count, "a read brings what there is", about: piece)
        buffer.lendLines { lent in
          for index in lent.indices {
            if index == 0 || lent[index - 1] == 0x0a { found.append([]) }
            found[found.count - 1].append(lent[index])
          }
          Opinions.demand(found.last?.last == 0x0a, "only whole lines are lent", about: stream)
        }
      }
      let hasEnded = buffer.lendCurrentLine { lent in
        var rest = Bytes()
        for index in lent.indices { rest.append(lent[index]) }
        if !rest.isEmpty { found.append(rest) }
      }
      Opinions.demand(!hasEnded, "the rest is no whole line", about: stream)
      if found != lines { Opinions.differ("lines", guard: found, oracle: lines, about: stream) }
    }
  }

  func checkSkim() {
    let outlines = splits.map { split in
      var skim = EnvelopeSkim()
      for piece in split { skim.feed(piece.span) }
      return skim.finish()
    }
    for other in outlines.dropFirst() where other != outlines[0] {
      Opinions.differ("outlines in pieces", guard: other, oracle: outlines[0], about: stream)
    }
  }

  // MARK: The pump

  private struct Output: Equatable {
    var onward = Bytes()
    var back = Bytes()
  }

  func checkPump() {
    let expected = expectedOutput
    for split in splits {
      let output = pump(split)
      if output.onward != expected.onward {
        Opinions.differ(
          "what goes on, limit \(lineLimit), in \(split.count) pieces", guard: output.onward, oracle: expected.onward,
          about: stream)
      }
      if output.back != expected.back {
        Opinions.differ(
          "what goes back, limit \(lineLimit), in \(split.count) pieces", guard: output.back, oracle: expected.back,
          about: stream)
      }
    }
  }

  /// What comes of judging the lines one by one.
  private var expectedOutput: Output {
    guard var judge = try? Judge(direction, of: conversation(), lineLimit: lineLimit) else { fatalError("no memory") }
    var output = Output()
    if direction == .fromClient, let first = stream.first, ![0x7b, 0x5b, 0x20, 0x09, 0x0d, 0x0a, 0xef].contains(first) {
      output.back += Reply.lines(of: [Reply.refusalObject(of: nil, for: Fault(.notJSON, at: 0))])
    }
    for line in lines {
      switch judge.judge(line.span) {
      case .forward: output.onward += line
      case .ignore: break
      case .refuse(_, let answer): output.back += answer ?? []
      case .replace(_, let instead, let answer):
        output.back += answer ?? []
        output.onward += instead
      }
    }
    return output
  }

  private func conversation() -> Conversation {
    let conversation = Conversation()
    guard direction == .fromServer, var judge = try? Judge(.fromClient, of: conversation, lineLimit: 1000) else {
      return conversation
    }
    for question in Self.questions { _ = judge.judge(question.span) }
    return conversation
  }

  /// What a real pump writes that reads the stream in these pieces.
  private func pump(_ split: [Bytes]) -> Output {
    // A socket that keeps the borders of messages: each read brings one piece.
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0,
      let onward = Self.pipe(), let back = Self.pipe(), let diagnostics = try? Diagnostics(server: "fuzzed")
    else { fatalError("no descriptors") }
    for piece in split { try? SystemCalls.write(piece.span, to: ends[1]) }
    SystemCalls.close(ends[1])
    let lanes = [onward, back].map { Lane(to: $0.writer) { SystemCalls.close($0) } }

    do throws(Errno) {
      var pump = try Pump(
        direction, from: ends[0], onward: lanes[0], back: lanes[1], conversation: conversation(),
        diagnostics: diagnostics, lineLimit: lineLimit, whenServerReadsNoMore: {})
      try pump.run()
    } catch {
      fatalError("no memory: \(error)")
    }
    SystemCalls.close(ends[0])
    for lane in lanes { lane.close() }
    return Output(onward: Self.readAll(onward.reader), back: Self.readAll(back.reader))
  }

  private static func pipe() -> (reader: Int32, writer: Int32)? {
    var ends: [Int32] = [-1, -1]
    return Glibc.pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
  }

  /// All that is written to `descriptor`, until the last writer closes it.
  private static func readAll(_ descriptor: Int32) -> Bytes {
    defer { SystemCalls.close(descriptor) }
    var all = Bytes()
    while let bytes = try? SystemCalls.readOnce(descriptor, atMost: 4096), !bytes.isEmpty { all += bytes }
    return all
  }
}
