/// Decides who has to go when: events in, actions out, no I/O, no clock of its own.
///
/// The times are chosen with the clients' own clocks in mind: an SDK that has closed the server's input waits 2 s,
/// sends SIGTERM, waits 2 s and sends SIGKILL. After a SIGTERM everything must therefore be down within 1.5 s; before
/// it, how long a server may take to leave is the client's business.
package struct Lifecycle: Sendable {
  package enum Event: Equatable, Sendable {
    /// The client has closed our input, or all that it had sent when the server ended is answered.
    case clientEnded
    /// Nobody is left to read our output.
    case clientVanished
    case signalled(SignalArrival)
    /// The server reads nothing any more.
    case serverInputBroken
    /// The server's output has ended, or nobody wants it.
    case serverOutputEnded
    case serverExited(ExitStatus)
    /// Nothing is left of what the server started.
    case survivorsGone
    case outputFlushed
    case diagnosticsFlushed
  }

  package enum Action: Equatable, Sendable {
    case watchForVanishingClient
    case sendToServer(Signal)
    /// To the server and everything it started.
    case sendToTree(Signal)
    case killTree
    case lookForSurvivors
    case answerUndelivered
    /// Answers what is still owed, and what the client has asked up to now; repeated until it has been.
    case windDown
    /// Waits for no more of the server's output than is there; repeated until it is all delivered.
    case endOutput
    case closeOutput
    case flushDiagnostics
    case end(ExitStatus)
  }

  private enum Timer: Sendable {
    case awaitOwnSignal, passOnSignal, killTree, lookForSurvivors
    case stopForVanishedClient, giveUpUndelivered, giveUpOutput
    case windDown, giveUpInput, giveUpFlush, giveUpDiagnostics
  }

  /// How far the end of the output has come; it only ever goes on.
  private enum Output: Int, Comparable, Sendable {
    case open, ended, windingDown, closing, flushed

    static func < (left: Output, right: Output) -> Bool { left.rawValue < right.rawValue }
  }

  /// The same for stderr.
  private enum Diagnostics: Sendable {
    case open, flushing, flushed
  }

  /// How long a signal to the group has to reach the server before it is sent again.
  static let groupSignalTime = 100
  /// How long a server that such a signal has ended is ahead of the same signal to us, at most.
  static let ownSignalTime = 30
  static let killTime = 1200
  /// When all must be over, or nearly.
  static let stopTime = 1400
  static let survivorTime = 300
  static let survivorInterval = 20
  static let vanishedClientTime = 2000
  static let undeliveredTime = 1000
  static let outputTime = 500
  static let inputTime = 250
  static let windDownInterval = 5
  static let endOutputInterval = 20
  static let diagnosticsTime = 1000
  /// Instead of the two before, and for writing what is left, once we were asked to stop.
  static let stoppedTime = 75

  private let leadsGroup: Bool
  private var timers: [(due: Instant, timer: Timer)] = []
  private var exit: ExitStatus?
  private var output = Output.open
  private var stop: (signal: Signal, time: Instant)?
  private var awaitsOwnSignal = false
  private var awaitsSurvivors = false
  private var hasClientEnded = false
  private var diagnostics = Diagnostics.open
  private var hasEnded = false

  /// `leadsGroup`: whether a signal to our process group reaches the server, and nobody but us and what it started.
  package init(leadsGroup: Bool) { self.leadsGroup = leadsGroup }

  /// When `passTime` has to be called at the latest.
  package var deadline: Instant? { timers.map(\.due).min() }

  package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    switch event {
    case .clientEnded:
      hasClientEnded = true
      if output == .windingDown { return closeOutput(at: now) }
      return exit == nil && output < .closing ? [.watchForVanishingClient] : []
    case .clientVanished:
      start(.stopForVanishedClient, at: now + Self.vanishedClientTime)
      return []
    case .signalled(let arrival): return handle(arrival, at: now)
    case .serverInputBroken:
      start(.giveUpUndelivered, at: now + Self.undeliveredTime)
      return []
    case .serverOutputEnded:
      if output == .open { output = .ended }
      if exit == nil { start(.giveUpOutput, at: now + Self.outputTime) }
      return finishIfPossible(at: now)
    case .serverExited(let status): return serverExited(status, at: now)
    case .survivorsGone:
      awaitsSurvivors = false
      return finishIfPossible(at: now)
    case .outputFlushed:
      output = .flushed
      return endIfPossible()
    case .diagnosticsFlushed:
      diagnostics = .flushed
      return endIfPossible()
    }
  }

  /// Does what is due at `now`.
  package mutating func passTime(to now: Instant) -> [Action] {
    let due = timers.filter { $0.due <= now }.sorted { $0.due < $1.due }
    timers.removeAll { $0.due <= now }
    return due.flatMap { fire($0.timer, at: now) }
  }

  /// Says that there were survivors when they were last looked for.
  package mutating func survivorsRemain(at now: Instant) { start(.lookForSurvivors, at: now + Self.survivorInterval) }

  private mutating func fire(_ timer: Timer, at now: Instant) -> [Action] {
    switch timer {
    case .awaitOwnSignal:
      awaitsOwnSignal = false
      return finishIfPossible(at: now)
    case .passOnSignal:
      guard let stop, exit == nil else { return [] }
      return [.sendToTree(stop.signal)]
    case .killTree:
      if exit != nil && !awaitsSurvivors { return [] }
      awaitsSurvivors = false
      return [.killTree] + finishIfPossible(at: now)
    case .lookForSurvivors: return awaitsSurvivors ? [.lookForSurvivors] : []
    case .stopForVanishedClient: return beginStop(with: .terminate, at: now)
    case .giveUpUndelivered: return exit == nil ? [.answerUndelivered] : []
    case .giveUpOutput:
      if exit == nil { return output == .ended ? windDown(at: now) : [] }
      guard output == .open else { return [] }
      // Repeated, for it may come at a moment when it isn't noticed; a client that reads slowly delays it as it likes.
      start(.giveUpOutput, at: now + Self.endOutputInterval)
      return [.endOutput]
    case .windDown:
      guard output == .windingDown else { return [] }
      start(.windDown, at: now + Self.windDownInterval)
      return [.windDown]
    case .giveUpInput: return output == .windingDown ? closeOutput(at: now) : []
    case .giveUpDiagnostics:
      diagnostics = .flushed
      return endIfPossible()
    case .giveUpFlush:
      output = .flushed
      diagnostics = .flushed
      return endIfPossible()
    }
  }

  /// Sets a timer, unless it is set for an earlier moment already.
  private mutating func start(_ timer: Timer, at due: Instant) {
    if let earlier = timers.first(where: { $0.timer == timer }), earlier.due <= due { return }
    timers.removeAll { $0.timer == timer }
    timers.append((due, timer))
  }
}

// MARK: Stopping

extension Lifecycle {
  private mutating func handle(_ arrival: SignalArrival, at now: Instant) -> [Action] {
    switch arrival.signal {
    case _ where arrival.isFromKernel:
      // From the terminal, which has sent it to the server as well.
      return []
    case .terminate, .hangUp, .interrupt: return beginStop(with: arrival.signal, at: now)
    default: return exit == nil ? [.sendToServer(arrival.signal)] : []
    }
  }

  private mutating func beginStop(with signal: Signal, at now: Instant) -> [Action] {
    guard stop == nil else { return [] }
    stop = (signal, now)
    awaitsOwnSignal = false
    if exit != nil {
      // Nobody holds us up any more: neither what the server has left behind nor whoever doesn't read.
      start(.giveUpFlush, at: now + Self.survivorTime + Self.stoppedTime)
      return stopSurvivors(with: signal, at: now)
    }
    start(.killTree, at: now + Self.killTime)
    if !leadsGroup { return [.sendToTree(signal)] }
    start(.passOnSignal, at: now + Self.groupSignalTime)
    return []
  }

  private mutating func stopSurvivors(with signal: Signal, at now: Instant) -> [Action] {
    awaitsSurvivors = true
    start(.killTree, at: now + Self.survivorTime)
    return [.sendToTree(signal), .lookForSurvivors]
  }
}

// MARK: Ending

extension Lifecycle {
  private mutating func serverExited(_ status: ExitStatus, at now: Instant) -> [Action] {
    exit = status
    if output == .open { start(.giveUpOutput, at: now + (stop == nil ? Self.outputTime : Self.stoppedTime)) }
    if let stop {
      let bound = min(now + Self.survivorTime + Self.stoppedTime, stop.time + Self.stopTime)
      start(.giveUpFlush, at: max(bound, now + Self.stoppedTime))
      return stopSurvivors(with: stop.signal, at: now)
    }
    if leadsGroup, case .killed(let signal) = status, [.terminate, .hangUp, .interrupt].contains(signal) {
      // Very likely sent to the whole group: then we are about to be told to stop everything, and must not be gone.
      awaitsOwnSignal = true
      start(.awaitOwnSignal, at: now + Self.ownSignalTime)
    }
    return finishIfPossible(at: now)
  }

  /// Goes on with the end, as far as everything that comes before is done.
  private mutating func finishIfPossible(at now: Instant) -> [Action] {
    guard exit != nil, !awaitsSurvivors, !awaitsOwnSignal else { return [] }
    switch output {
    case .open, .windingDown: return []
    case .ended: return windDown(at: now)
    case .closing, .flushed: return flushDiagnostics(at: now) + endIfPossible()
    }
  }

  private mutating func windDown(at now: Instant) -> [Action] {
    output = .windingDown
    if hasClientEnded { return [.windDown] + closeOutput(at: now) }
    start(.windDown, at: now + Self.windDownInterval)
    start(.giveUpInput, at: now + (stop == nil ? Self.inputTime : Self.stoppedTime))
    return [.windDown]
  }

  private mutating func closeOutput(at now: Instant) -> [Action] {
    output = .closing
    return [.closeOutput] + (exit == nil ? [.watchForVanishingClient] : flushDiagnostics(at: now))
  }

  /// Stderr is flushed last: until the server has ended it may have something to say.
  private mutating func flushDiagnostics(at now: Instant) -> [Action] {
    guard exit != nil, diagnostics == .open else { return [] }
    diagnostics = .flushing
    start(.giveUpDiagnostics, at: now + Self.diagnosticsTime)
    if stop != nil { start(.giveUpFlush, at: now + Self.stoppedTime) }
    return [.flushDiagnostics]
  }

  private mutating func endIfPossible() -> [Action] {
    guard let exit, output == .flushed, diagnostics == .flushed, !awaitsSurvivors, !hasEnded else { return [] }
    hasEnded = true
    return [.end(exit)]
  }
}
