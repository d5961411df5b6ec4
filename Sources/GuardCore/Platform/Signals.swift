import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A signal by its number.
package struct Signal: Hashable, Sendable {
  package let number: Int32

  package init(number: Int32) { self.number = number }

  package static let terminate = Signal(number: SIGTERM)
  package static let hangUp = Signal(number: SIGHUP)
  package static let interrupt = Signal(number: SIGINT)
  package static let quit = Signal(number: SIGQUIT)
  package static let kill = Signal(number: SIGKILL)
  package static let stop = Signal(number: SIGSTOP)
  package static let child = Signal(number: SIGCHLD)
  package static let user1 = Signal(number: SIGUSR1)
  package static let user2 = Signal(number: SIGUSR2)
}

/// A signal as it arrived.
package struct SignalArrival: Equatable, Sendable {
  package let signal: Signal
  /// Sent by the kernel, as for Ctrl-C: then every process of the terminal's group has had it as well.
  package let isFromKernel: Bool

  package init(signal: Signal, isFromKernel: Bool) {
    self.signal = signal
    self.isFromKernel = isFromKernel
  }
}

/// Signals as bytes in a pipe, so that they can be waited for together with everything else.
package struct SignalInbox: ~Copyable, Sendable {
  /// The pipe's write end for the handler, which may touch nothing that takes a lock.
  private static let target = Atomic<Int32>(-1)

  private let pipe: Pipe
  private let caught: [Signal]

  /// Starts to catch `signals`; one that was ignored when the guard started (`nohup`) stays ignored.
  package init(catching signals: [Signal]) throws(Errno) {
    pipe = try Pipe()
    SystemCalls.makeNonBlocking(pipe.readEnd.number)
    SystemCalls.makeNonBlocking(pipe.writeEnd.number)
    Self.target.store(pipe.writeEnd.number, ordering: .sequentiallyConsistent)
    caught = signals.filter { $0 == .child || !Dispositions.isIgnored($0) }
    for signal in caught {
      var action = sigaction()
      action.sa_flags = Int32(bitPattern: UInt32(truncatingIfNeeded: Int(SA_SIGINFO) | Int(SA_RESTART)))
      let handler: @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void = {
        number, information, _ in
        let savedError = errno
        #if canImport(Darwin)
          let isFromKernel = unsafe information?.pointee.si_pid == 0
        #else
          // SI_USER is 0 and SI_QUEUE negative; what the kernel sends by itself is positive.
          let isFromKernel = unsafe (information?.pointee.si_code ?? 0) > 0
        #endif
        var record: (UInt8, UInt8) = (UInt8(truncatingIfNeeded: number), isFromKernel ? 1 : 0)
        let target = SignalInbox.target.load(ordering: .sequentiallyConsistent)
        _ = unsafe write(target, &record, 2)
        errno = savedError
      }
      #if canImport(Darwin)
        unsafe action.__sigaction_u.__sa_sigaction = handler
      #elseif canImport(Glibc)
        unsafe action.__sigaction_handler.sa_sigaction = handler
      #else
        unsafe action.__sa_handler.sa_sigaction = handler
      #endif
      unsafe sigaction(signal.number, &action, nil)
    }
    Dispositions.unblockAll()
  }

  deinit {
    // Without a reader nobody would ever hear of a signal: let them do what they do to other programs.
    for signal in caught { Dispositions.reset(signal) }
    Self.target.store(-1, ordering: .sequentiallyConsistent)
  }

  /// What to wait for.
  package var watched: SystemCalls.Watched { SystemCalls.Watched(pipe.readEnd.number, .readable) }

  /// All signals that arrived since the last time.
  package borrowing func take() -> [SignalArrival] {
    var arrivals: [SignalArrival] = []
    var records = [UInt8](repeating: 0, count: 128)
    while true {
      let capacity = records.count
      let count = unsafe records.withUnsafeMutableBytes { unsafe read(pipe.readEnd.number, $0.baseAddress, capacity) }
      if count <= 0 { return arrivals }
      for index in stride(from: 0, to: count - 1, by: 2) {
        let signal = Signal(number: Int32(records[index]))
        arrivals.append(SignalArrival(signal: signal, isFromKernel: records[index + 1] == 1))
      }
    }
  }
}

/// What happens to this process when a signal arrives that it doesn't catch.
package enum Dispositions {
  package static func ignore(_ signal: Signal) { install(SIG_IGN, for: signal) }

  /// Calls `handler`, which may touch nothing that takes a lock; a call that the signal interrupts is not resumed.
  static func handle(_ signal: Signal, with handler: @convention(c) (Int32) -> Void) { install(handler, for: signal) }

  private static func install(_ handler: (@convention(c) (Int32) -> Void)?, for signal: Signal) {
    var action = sigaction()
    #if canImport(Darwin)
      unsafe action.__sigaction_u.__sa_handler = handler
    #elseif canImport(Glibc)
      unsafe action.__sigaction_handler.sa_handler = handler
    #else
      unsafe action.__sa_handler.sa_handler = handler
    #endif
    unsafe sigaction(signal.number, &action, nil)
  }

  package static func reset(_ signal: Signal) {
    var action = sigaction()
    unsafe sigaction(signal.number, &action, nil)
  }

  /// Lets the signals through that whoever started us may have blocked: what is blocked would never be heard of.
  package static func unblockAll() {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
  }

  package static func isIgnored(_ signal: Signal) -> Bool {
    var action = sigaction()
    unsafe sigaction(signal.number, nil, &action)
    #if canImport(Darwin)
      let handler = unsafe action.__sigaction_u.__sa_handler
    #elseif canImport(Glibc)
      let handler = unsafe action.__sigaction_handler.sa_handler
    #else
      let handler = unsafe action.__sa_handler.sa_handler
    #endif
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// A write to a pipe that nobody reads is an error to handle, not a reason to die.
  package static func ignoreBrokenPipes() { ignore(Signal(number: SIGPIPE)) }
}
