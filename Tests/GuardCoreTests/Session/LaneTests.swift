import Synchronization
import Testing

@testable import GuardCore

/// A lane into a pipe, and the other end of it.
private final class Wire: Sendable {
  let readEnd: Int32
  let lane: Lane

  init() throws {
    let ends = try Pipe().release()
    readEnd = ends.readEnd
    lane = Lane(to: ends.writeEnd) { SystemCalls.close($0) }
  }

  deinit { SystemCalls.close(readEnd) }

  /// Everything until the lane is closed.
  func readAll() throws -> String {
    var all = Bytes()
    while true {
      let piece = try SystemCalls.readOnce(readEnd, atMost: 65536)
      if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
      all.append(contentsOf: piece)
    }
  }
}

/// Something that happens once, to be waited for.
private final class Occasion: Sendable {
  private let monitor = Monitor(false)

  func happen() {
    monitor.withState { $0 = true }
    monitor.wake()
  }

  func wait() { monitor.withState(waitingWhile: { !$0 }) { _ in } }
}

private func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

struct LaneTests {
  @Test func `what is delivered and posted arrives whole, each in its order`() throws {
    let wire = try Wire()
    let lane = wire.lane
    try Thread.detach {
      for number in 0..<1000 { lane.post(bytes("post \(number)\n"), whenFull: .wait) }
      lane.close()
    }
    for number in 0..<1000 { _ = lane.deliver(bytes("line \(number)\n").span) }
    let lines = try wire.readAll().split(separator: "\n")
    let posts = lines.filter { $0.hasPrefix("post") }
    #expect(posts == (0..<1000).map { "post \($0)" })
    // The lane was closed by the other thread at some moment; what it took before that is there, without gaps.
    let delivered = lines.filter { $0.hasPrefix("line") }
    #expect(delivered == (0..<delivered.count).map { "line \($0)" })
  }

  @Test func `a post never waits for a peer that does not read`() throws {
    let wire = try Wire()
    let lane = wire.lane
    let delivered = Occasion()
    try Thread.detach {
      _ = lane.deliver(Bytes(repeating: UInt8(ascii: "x"), count: 1 << 20).span)
      _ = lane.deliver(bytes("\n").span)
      delivered.happen()
    }
    for _ in 0..<100 { lane.post(bytes("p\n"), whenFull: .drop) }
    let closed = Occasion()
    try Thread.detach {
      delivered.wait()
      lane.close(then: { closed.happen() })
    }
    let all = try wire.readAll()
    closed.wait()
    #expect(all.filter { $0 == "p" }.count == 100)
    #expect(all.filter { $0 == "x" }.count == 1 << 20)
  }

  @Test func `posts that may be dropped are, when a peer lets a flood of them wait`() throws {
    let wire = try Wire()
    let piece = Bytes(repeating: UInt8(ascii: "x"), count: 1 << 16)
    for _ in 0..<64 { wire.lane.post(piece, whenFull: .drop) }
    wire.lane.post(bytes("kept"), whenFull: .keep)
    wire.lane.close()
    let all = try wire.readAll()
    #expect(all.utf8.count < 3 << 20)
    #expect(all.hasSuffix("kept"))
  }

  @Test func `a line that did not end is ended before anything else is written`() throws {
    let wire = try Wire()
    _ = wire.lane.deliver(bytes("half a line").span)
    wire.lane.close(after: bytes("next\n"))
    #expect(try wire.readAll() == "half a line\nnext\n")
  }

  @Test func `a line that did not end stays as it is when nothing follows`() throws {
    let wire = try Wire()
    _ = wire.lane.deliver(bytes("half a line").span)
    wire.lane.close()
    #expect(try wire.readAll() == "half a line")
  }

  @Test func `a peer that is gone is told of at once, and closing still says that it is done`() throws {
    Dispositions.ignoreBrokenPipes()
    let ends = try Pipe().release()
    let lane = Lane(to: ends.writeEnd) { SystemCalls.close($0) }
    SystemCalls.close(ends.readEnd)
    let first = lane.deliver(bytes("x").span)
    let second = lane.deliver(bytes("x").span)
    #expect(!first && !second)
    let closed = Occasion()
    lane.close(after: bytes("y"), then: { closed.happen() })
    closed.wait()
  }
}
