#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if os(Linux)
  // Hidden from Swift for what it does to programs with threads; the guard calls it before it has any.
  @_silgen_name("fork")
  private func fork() -> Int32
#endif

/// Starting programs and learning how they ended.
package enum ChildProcess {
  /// What a program's standard descriptors become.
  package struct Wiring: Sendable {
    package var input: Int32
    package var output: Int32
    package var error: Int32

    package init(input: Int32, output: Int32, error: Int32) {
      self.input = input
      self.output = output
      self.error = error
    }
  }

  /// Starts the program in the file `path`: same group, folder and environment, all signals as they are by default.
  package static func start(
    _ path: NativeText, arguments: [NativeText], wiring: Wiring
  ) throws(Errno) -> Int32 {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = unsafe posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, wiring.input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, wiring.output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, wiring.error, 2)

    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    unsafe sigemptyset(&noSignals)
    var toDefault = sigset_t()
    // Every bit, and not `sigfillset`: glibc leaves two of its own out of that, and then ignores them in the child.
    _ = unsafe withUnsafeMutableBytes(of: &toDefault) { unsafe $0.initializeMemory(as: UInt8.self, repeating: 0xff) }
    // Whoever starts a program under `nohup`, or in the background of a shell, means these to stay ignored.
    for signal in [Signal.hangUp, .interrupt, .quit] where Dispositions.isIgnored(signal) {
      unsafe sigdelset(&toDefault, signal.number)
    }
    unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &toDefault)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0.units) }
    unsafe words.append(nil)
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var id = pid_t()
    #if canImport(Darwin)
      let environment = unsafe _NSGetEnviron().pointee
    #else
      let environment = unsafe environ
    #endif
    let result = unsafe posix_spawn(&id, path.units, &actions, &attributes, words, environment)
    if result != 0 { throw Errno(code: result) }
    return id
  }

  #if os(Linux)
    /// Starts a copy of this process as it is, to live on as `child`; only while there is no second thread.
    ///
    /// A quarter of the time and a tenth of the memory of starting the same program again.
    package static func copySelf(toRun child: () -> Never) throws(Errno) -> Int32 {
      let id = fork()
      if id < 0 { throw .last }
      if id == 0 { child() }
      return id
    }
  #endif

  /// A child that has ended.
  package struct Ended: Sendable {
    package let id: Int32
    package let status: ExitStatus
  }

  /// Ends a child that has no say in it, and waits until it is gone.
  package static func killAndBury(_ id: Int32) {
    kill(id, SIGKILL)
    _ = try? SystemCalls.retrying { Int(waitpid(id, nil, 0)) }
  }

  /// Buries one child that has ended, if there is one; adopted orphans included.
  package static func buryOne() -> Ended? {
    var status: Int32 = 0
    let id = unsafe waitpid(-1, &status, WNOHANG)
    return id > 0 ? Ended(id: id, status: ExitStatus(waitStatus: status)) : nil
  }
}

/// How a process ended.
package enum ExitStatus: Equatable, Sendable {
  case exited(code: Int32)
  case killed(by: Signal)

  init(waitStatus status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(by: Signal(number: signal))
  }
}
