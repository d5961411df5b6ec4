/// The way to one peer. A pump delivers on it and may wait; everybody else posts and never does.
///
/// Without the difference two pumps could block each other for ever: each writing to a peer that reads nothing until
/// the other pump has read what it wrote. What is posted while the lane is busy goes out with a courier, a thread of
/// its own that exists only once there was something to post.
package final class Lane: Sendable {
  /// What happens to a post when very many wait already.
  package enum Overflow: Sendable {
    /// Whoever posts waits: it is that very peer's own flood, and every one of its requests is owed an answer.
    case wait
    /// It is dropped: waiting would stall what the peer at the other end waits for.
    case drop
    /// It is kept all the same: there is one of its kind in a session.
    case keep
  }

  private struct State {
    var posted = Bytes()
    var isWriting = false
    var isMidLine = false
    var hasCourier = false
    var isBroken = false
    var isClosing = false
    var isClosed = false
    var whenClosed: (@Sendable () -> Void)?

    var mayAccept: Bool { !isBroken && !isClosing }
    var canClose: Bool { isClosing && !isClosed && !isWriting && posted.isEmpty }

    /// Whether somebody has to be found to write what is posted.
    mutating func needsCourier() -> Bool {
      if hasCourier { return false }
      hasCourier = true
      return true
    }

    mutating func takePosted() -> Bytes {
      defer { posted = [] }
      if !isMidLine || posted.isEmpty { return posted }
      isMidLine = false
      return [UInt8(ascii: "\n")] + posted
    }
  }

  private static let mostPosted = 1024 * 1024

  private let descriptor: Int32
  private let closeDescriptor: @Sendable (Int32) -> Void
  private let monitor = Monitor(State())

  /// A lane that ends with `closeDescriptor`, once everything before that is written.
  package init(
    to descriptor: Int32, closeDescriptor: @escaping @Sendable (Int32) -> Void
  ) {
    self.descriptor = descriptor
    self.closeDescriptor = closeDescriptor
  }

  /// Writes `bytes`, however long the peer takes to read them; false when it never will.
  package func deliver(_ bytes: Span<UInt8>) -> Bool {
    let turn = monitor.withState(waitingWhile: { $0.isWriting && !$0.isBroken }) { state -> Bytes? in
      guard state.mayAccept else { return nil }
      state.isWriting = true
      return state.takePosted()
    }
    guard let posted = turn else { return false }
    let isWritten = (posted.isEmpty || write(posted.span)) && write(bytes)
    endTurn(isWritten: isWritten, isMidLine: bytes.count > 0 && bytes[bytes.count - 1] != UInt8(ascii: "\n"))
    return isWritten
  }

  /// Sends `lines` as soon as the lane is free.
  package func post(_ lines: Bytes, whenFull overflow: Overflow) {
    let needsCourier = monitor.withState(
      waitingWhile: { overflow == .wait && $0.posted.count > Self.mostPosted && $0.mayAccept }
    ) { state -> Bool in
      guard state.mayAccept, overflow != .drop || state.posted.count <= Self.mostPosted else { return false }
      state.posted.append(contentsOf: lines)
      return state.needsCourier()
    }
    monitor.wake()
    if needsCourier { startCourier() }
  }

  /// Sends `lines` as the last ones, closes the way, and says when that is done; it never waits.
  package func close(after lines: Bytes = [], then whenClosed: @escaping @Sendable () -> Void = {}) {
    let (isClosed, needsCourier) = monitor.withState { state -> (Bool, Bool) in
      if state.isClosed { return (true, false) }
      if state.mayAccept { state.posted.append(contentsOf: lines) }
      state.isClosing = true
      state.whenClosed = whenClosed
      return (false, !state.isBroken && state.needsCourier())
    }
    if isClosed { return whenClosed() }
    monitor.wake()
    if !closeIfPossible() && needsCourier { startCourier() }
  }

  private func write(_ bytes: Span<UInt8>) -> Bool {
    do throws(Errno) {
      try SystemCalls.write(bytes, to: descriptor)
      return true
    } catch {
      // Whatever the error is, there is no way to this peer any more.
      return false
    }
  }

  private func endTurn(isWritten: Bool, isMidLine: Bool) {
    let needsCourier = monitor.withState { state -> Bool in
      state.isWriting = false
      state.isMidLine = isMidLine
      if isWritten { return !state.posted.isEmpty && state.needsCourier() }
      state.isBroken = true
      state.posted = []
      return false
    }
    monitor.wake()
    if !closeIfPossible() && needsCourier { startCourier() }
  }

  /// Closes the descriptor if that has been asked for and nothing is left to write.
  private func closeIfPossible() -> Bool {
    let canClose = monitor.withState { state in
      guard state.canClose else { return false }
      state.isClosed = true
      return true
    }
    guard canClose else { return false }
    closeDescriptor(descriptor)
    let whenClosed = monitor.withState { state in state.whenClosed }
    monitor.wake()
    whenClosed?()
    return true
  }

  private func startCourier() {
    do throws(Errno) {
      try Thread.detach { self.carry() }
    } catch {
      // No thread to be had: better to be slow than to lose an answer. Whoever posts next tries again.
      monitor.withState { $0.hasCourier = false }
      carryOnce()
    }
  }

  /// The courier's life: it ends with the lane.
  private func carry() {
    while true {
      let isOver = monitor.withState(
        waitingWhile: { !$0.isClosed && !$0.canClose && ($0.isWriting || $0.posted.isEmpty) }
      ) { $0.isClosed }
      if isOver { return }
      if !closeIfPossible() { carryOnce() }
    }
  }

  private func carryOnce() {
    let posted = monitor.withState { state -> Bytes in
      if state.isWriting || state.isBroken { return [] }
      state.isWriting = !state.posted.isEmpty
      return state.takePosted()
    }
    if posted.isEmpty { return }
    endTurn(isWritten: write(posted.span), isMidLine: false)
  }
}
