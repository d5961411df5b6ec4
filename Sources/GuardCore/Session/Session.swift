/// One client, one server, and the guard between them, from the start to the end of all three.
package struct Session: ~Copyable {
  package struct Options: Sendable {
    package let command: [NativeText]
    /// What people call the server.
    package let name: String
    package let lineLimit: Int

    package init(command: [NativeText], name: String, lineLimit: Int) {
      self.command = command
      self.name = name
      self.lineLimit = lineLimit
    }
  }

  /// Why there is no session.
  package enum StartFailure: Error {
    case command(Errno)
    case resources(Errno)
  }

  static let clientInput: Int32 = 0
  static let clientOutput: Int32 = 1

  private let name: String
  private let server: Int32
  private let lifeline: Lifeline.Handle
  private let inbox: SignalInbox
  private let threads: Threads
  /// Children that are not the server's and not ours to stop.
  private let strangers: Set<Int32>
  private var lifecycle = Lifecycle(leadsGroup: ThisProcess.leadsItsGroup)
  /// The descriptor whose other end shows whether the client is still there.
  private var watchedClient: Int32?
  private var hasClosedOutput = false
  private var hasServerExited = false
  /// When what the start has needed, and perhaps nothing else ever will, is given back.
  private var tidyTime: Instant? = .now + 200

  private init(
    name: String, server: Int32, lifeline: Lifeline.Handle, inbox: consuming SignalInbox, threads: Threads,
    strangers: Set<Int32>
  ) {
    self.name = name
    self.server = server
    self.lifeline = lifeline
    self.inbox = inbox
    self.threads = threads
    self.strangers = strangers
  }

  /// Starts the server and everything that serves it.
  package static func start(_ options: Options) throws(StartFailure) -> Session {
    let strangers = ThisProcess.children
    SystemCalls.fillStandardDescriptors()
    Dispositions.ignoreBrokenPipes()
    ThisProcess.adoptOrphans()
    ThisProcess.returnFreedMemory()
    // Before the server: its end must not be missed, however soon it comes.
    let inbox = try Server.resource { () throws(Errno) in
      try SignalInbox(catching: [.child, .terminate, .hangUp, .interrupt, .quit, .user1, .user2])
    }
    let threads = try Server.resource { () throws(Errno) in try Threads(options) }
    let server = try Server.start(options.command)
    let (id, lifeline) = (server.id, server.lifeline)
    try threads.start(serving: server)
    return Session(
      name: options.name, server: id, lifeline: lifeline, inbox: inbox, threads: threads, strangers: strangers)
  }

  /// Waits for what happens and does what has to be done about it, until the guard ends as the server has ended.
  package consuming func run() -> Never {
    while true {
      var watched = [inbox.watched, threads.mailbox.watched]
      let client = watchedClient
      if let client { watched.append(SystemCalls.Watched(client, .hangUp)) }
      let deadline = [lifecycle.deadline, tidyTime].compactMap(\.self).min()
      let timeout = deadline.map { $0.milliseconds - Instant.now.milliseconds }
      let ready = SystemCalls.wait(for: watched, milliseconds: timeout)

      if ready[0] { for arrival in inbox.take() { handle(arrival) } }
      if ready[1] { for event in threads.mailbox.take() { handle(event) } }
      if client != nil && ready[2] {
        watchedClient = nil
        handle(.clientVanished)
      }
      perform(lifecycle.passTime(to: .now))
      tidyUp()
    }
  }

  private mutating func tidyUp() {
    guard let tidyTime, tidyTime <= .now else { return }
    self.tidyTime = nil
    ThisProcess.forgetCode()
  }

  private mutating func handle(_ arrival: SignalArrival) {
    if arrival.signal != .child { return handle(.signalled(arrival)) }
    while let ended = ChildProcess.buryOne() {
      if ended.id == server {
        hasServerExited = true
        handle(.serverExited(ended.status))
      }
      if ended.id == lifeline.id { lifeline.hasEnded() }
    }
  }

  private mutating func handle(_ event: Lifecycle.Event) { perform(lifecycle.handle(event, at: .now)) }

  private mutating func perform(_ actions: [Lifecycle.Action]) {
    for action in actions { perform(action) }
  }

  private mutating func perform(_ action: Lifecycle.Action) {
    let me = ThisProcess.id
    let strangers = strangers.union([lifeline.id].compactMap(\.self))
    let mailbox = threads.mailbox
    switch action {
    case .watchForVanishingClient: watchedClient = hasClosedOutput ? Self.clientInput : Self.clientOutput
    case .sendToServer(let signal): ProcessIdentity(id: server)?.send(signal)
    case .sendToTree(let signal):
      for process in ProcessTree.descendants(of: [me], except: strangers) { process.send(signal) }
    case .killTree: ProcessTree.extinguish { ProcessTree.descendants(of: [me], except: strangers) }
    case .lookForSurvivors:
      if ProcessTree.descendants(of: [me], except: strangers).isEmpty {
        handle(.survivorsGone)
      } else {
        lifecycle.survivorsRemain(at: .now)
      }
    case .answerUndelivered:
      let answers = threads.conversation.giveUpUndelivered(because: "the server \(name) reads nothing any more")
      threads.toClient.post(answers, whenFull: .keep)
    case .windDown: threads.windDown(because: "the server \(name) has ended")
    case .endOutput: threads.endOutput()
    case .closeOutput:
      hasClosedOutput = true
      // A client that still writes, to nobody, must not be kept from reading by that.
      if hasServerExited { SystemCalls.replaceWithNull(Self.clientInput) }
      threads.toClient.close { mailbox.post(.outputFlushed) }
    case .flushDiagnostics: threads.diagnostics.finish { mailbox.post(.diagnosticsFlushed) }
    case .end(let status):
      lifeline.end()
      while ChildProcess.buryOne() != nil {}
      ThisProcess.end(as: status)
    }
  }
}
