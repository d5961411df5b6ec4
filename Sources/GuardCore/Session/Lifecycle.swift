/// Decides who has to go when: events in, actions out, no I/O, no clock of its own.
///
/// The times are chosen with the clients' own clocks in mind: an SDK that has closed the server's input waits 2 s,
/// sends SIGTERM, waits 2 s and sends SIGKILL. After a SIGTERM everything must therefore be down within 1.5 s; before
/// it, how long a server may take to leave is the client's business.
package struct Lifecycle: Sendable {
  package enum Event: Equatable, Sendable {
    /// The client has closed our input.
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
    /// Answers what is still owed, and closes the output.
    case closeOutput
    case flushDiagnostics
    case end(ExitStatus)
  }

  private enum Timer: Sendable {
    case passOnSignal, killTree, lookForSurvivors, stopForVanishedClient, giveUpUndelivered, giveUpOutput, giveUpFlush,
      giveUpDiagnostics
  }

  /// How long a signal to the group has to reach the server before it is sent again.
  static let groupSignalTime = 100
  static let killTime = 1200
  static let survivorTime = 300
  static let survivorInterval = 20
  static let vanishedClientTime = 2000
  static let undeliveredTime = 1000
  static let outputTime = 500
  static let stoppedFlushTime = 150
  static let diagnosticsTime = 1000

  private let leadsGroup: Bool
  private var timers: [(due: Instant, timer: Timer)] = []
  private var stopSignal: Signal?
  private var exit: ExitStatus?
  private var hasOutputEnded = false
  private var hasClosedOutput = false
  private var awaitsSurvivors = false
  private var isOutputFlushed = false
  private var areDiagnosticsFlushed = false
  private var isFinishing = false
  private var hasEnded = false

  /// `leadsGroup`: whether a signal to our process group reaches the server, and nobody but us and what it started.
  package init(leadsGroup: Bool) { self.leadsGroup = leadsGroup }

  /// When `passTime` has to be called at the latest.
  package var deadline: Instant? { timers.map(\.due).min() }

  package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    switch event {
    case .clientEnded: return [.watchForVanishingClient]
    case .clientVanished:
      start(.stopForVanishedClient, at: now + Self.vanishedClientTime)
      return []
    case .signalled(let arrival): return handle(arrival, at: now)
    case .serverInputBroken:
      start(.giveUpUndelivered, at: now + Self.undeliveredTime)
      return []
    case .serverOutputEnded:
      hasOutputEnded = true
      if exit == nil { start(.giveUpOutput, at: now + Self.outputTime) }
      return finishIfPossible(at: now)
    case .serverExited(let status):
      exit = status
      if !hasOutputEnded { start(.giveUpOutput, at: now + Self.outputTime) }
      guard let stopSignal else { return finishIfPossible(at: now) }
      awaitsSurvivors = true
      start(.killTree, at: now + Self.survivorTime)
      return [.sendToTree(stopSignal), .lookForSurvivors]
    case .survivorsGone:
      awaitsSurvivors = false
      return finishIfPossible(at: now)
    case .outputFlushed:
      isOutputFlushed = true
      return endIfPossible()
    case .diagnosticsFlushed:
      areDiagnosticsFlushed = true
      return endIfPossible()
    }
  }

  /// Does what is due at `now`.
  package mutating func passTime(to now: Instant) -> [Action] {
    let due = timers.filter { $0.due <= now }.sorted { $0.due < $1.due }
    timers.removeAll { $0.due <= now }
    return due.flatMap { fire($0.timer, at: now) }
  }

  private mutating func handle(_ arrival: SignalArrival, at now: Instant) -> [Action] {
    switch arrival.signal {
    case _ where arrival.isFromKernel:
      // From the terminal, which has sent it to the server as well.
      return []
    case .terminate, .hangUp, .interrupt: return stop(with: arrival.signal, at: now)
    default: return exit == nil ? [.sendToServer(arrival.signal)] : []
    }
  }

  private mutating func stop(with signal: Signal, at now: Instant) -> [Action] {
    guard stopSignal == nil else { return [] }
    stopSignal = signal
    if exit != nil {
      // Only somebody who doesn't read can still hold us up.
      start(.giveUpFlush, at: now + Self.stoppedFlushTime)
      return []
    }
    start(.killTree, at: now + Self.killTime)
    if !leadsGroup { return [.sendToTree(signal)] }
    start(.passOnSignal, at: now + Self.groupSignalTime)
    return []
  }

  private mutating func fire(_ timer: Timer, at now: Instant) -> [Action] {
    switch timer {
    case .passOnSignal:
      guard let stopSignal, exit == nil else { return [] }
      return [.sendToTree(stopSignal)]
    case .killTree:
      if exit != nil && !awaitsSurvivors { return [] }
      awaitsSurvivors = false
      return [.killTree] + finishIfPossible(at: now)
    case .lookForSurvivors: return awaitsSurvivors ? [.lookForSurvivors] : []
    case .stopForVanishedClient: return stop(with: .terminate, at: now)
    case .giveUpUndelivered: return exit == nil ? [.answerUndelivered] : []
    case .giveUpOutput:
      hasOutputEnded = true
      return exit == nil ? closeOutput() : finishIfPossible(at: now)
    case .giveUpDiagnostics:
      areDiagnosticsFlushed = true
      return endIfPossible()
    case .giveUpFlush:
      isOutputFlushed = true
      areDiagnosticsFlushed = true
      return endIfPossible()
    }
  }

  /// Says that there were survivors when they were last looked for.
  package mutating func survivorsRemain(at now: Instant) { start(.lookForSurvivors, at: now + Self.survivorInterval) }

  private mutating func start(_ timer: Timer, at due: Instant) {
    if let earlier = timers.first(where: { $0.timer == timer }), earlier.due <= due { return }
    timers.removeAll { $0.timer == timer }
    timers.append((due, timer))
  }

  private mutating func finishIfPossible(at now: Instant) -> [Action] {
    guard exit != nil, hasOutputEnded, !awaitsSurvivors, !isFinishing else { return [] }
    isFinishing = true
    if stopSignal != nil { start(.giveUpFlush, at: now + Self.stoppedFlushTime) }
    start(.giveUpDiagnostics, at: now + Self.diagnosticsTime)
    return closeOutput() + [.flushDiagnostics]
  }

  private mutating func closeOutput() -> [Action] {
    if hasClosedOutput { return [] }
    hasClosedOutput = true
    return [.closeOutput]
  }

  private mutating func endIfPossible() -> [Action] {
    guard let exit, isOutputFlushed, areDiagnosticsFlushed, !hasEnded else { return [] }
    hasEnded = true
    return [.end(exit)]
  }
}
