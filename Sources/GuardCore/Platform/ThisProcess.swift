#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if os(Linux)
  // The module for the C library has no variadic functions, and this one has no other form. All arguments are words,
  // which Swift and C pass in the same registers.
  @_silgen_name("prctl")
  private func prctl(_ option: Int32, _ a: UInt, _ b: UInt, _ c: UInt, _ d: UInt) -> Int32
#endif

#if canImport(Glibc)
  // In a header of its own that the module for the C library leaves out.
  @_silgen_name("mallopt")
  private func mallopt(_ parameter: Int32, _ value: Int32) -> Int32
#endif

/// What the guard can ask and say about its own process.
package enum ThisProcess {
  package static var id: Int32 { getpid() }

  /// Whether a signal to the guard's process group is one to the guard and what it started, and to nobody else.
  package static var leadsItsGroup: Bool { getpgrp() == getpid() }

  /// The children that we have, where the system has a list of them: those that a shell had before it became us.
  package static var children: Set<Int32> {
    #if os(Linux)
      guard let list = try? SystemFile.contents(of: "/proc/self/task/\(id)/children") else { return [] }
      return Set(list.split(separator: UInt8(ascii: " ")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) })
    #else
      return []
    #endif
  }

  /// The file that this program was started from.
  package static var executable: String {
    #if canImport(Darwin)
      var capacity = UInt32(4096)
      var path = [CChar](repeating: 0, count: Int(capacity))
      guard unsafe _NSGetExecutablePath(&path, &capacity) == 0 else { return CommandLine.arguments[0] }
      return unsafe String(cString: path)
    #else
      // Not resolved: the link leads to the file itself, also after an update has put another one in its place.
      return "/proc/self/exe"
    #endif
  }

  /// Makes orphaned descendants our children instead of init's, so that none is lost sight of; Linux only.
  package static func adoptOrphans() {
    #if os(Linux)
      let setChildSubreaper: Int32 = 36
      _ = prctl(setChildSubreaper, 1, 0, 0, 0)
    #endif
  }

  /// Makes large pieces of memory go back to the system when they are freed; glibc otherwise learns to keep them.
  package static func returnFreedMemory() {
    #if canImport(Glibc)
      let mapThreshold: Int32 = -3
      _ = mallopt(mapThreshold, 256 * 1024)
    #endif
  }

  /// Unmaps all code, of which starting up has needed far more than what follows; what is used again is mapped again,
  /// from the same cached pages.
  package static func forgetCode() {
    #if os(Linux)
      guard let maps = try? SystemFile.contents(of: "/proc/self/maps") else { return }
      for line in maps.split(separator: UInt8(ascii: "\n")) {
        // "start-end r-xp offset device inode file": code is never written to, so nothing can be lost.
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
        guard fields.count == 6, fields[1].elementsEqual("r-xp".utf8), fields[5].contains(UInt8(ascii: "/")) else {
          continue
        }
        let bounds = fields[0].split(separator: UInt8(ascii: "-")).compactMap {
          Int(String(decoding: $0, as: UTF8.self), radix: 16)
        }
        guard bounds.count == 2 else { continue }
        unsafe madvise(UnsafeMutableRawPointer(bitPattern: bounds[0]), bounds[1] - bounds[0], MADV_DONTNEED)
      }
    #endif
  }

  package static func environmentVariable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// Shows `words` as our command line to whoever lists processes, as far as there is room where the real one stands.
  package static func rename(to words: String) {
    #if os(Linux)
      let arguments = unsafe CommandLine.unsafeArgv
      guard CommandLine.argc > 0, let first = unsafe arguments[0],
        let last = unsafe arguments[Int(CommandLine.argc) - 1]
      else { return }
      // The arguments stand one behind the other in memory.
      let room = unsafe last - first + Int(strlen(last))
      let text = Array(words.utf8.prefix(room))
      for index in 0..<room { unsafe first[index] = index < text.count ? CChar(bitPattern: text[index]) : 0 }
    #endif
  }

  /// Makes the given descriptors our standard input and output, and nothing our standard error.
  package static func takeOver(input: Int32, output: Int32) {
    _ = dup2(input, 0)
    _ = dup2(output, 1)
    SystemCalls.replaceWithNull(2)
  }

  /// Leaves the group of the client, its folder, and whatever descriptors it left open above `highest`.
  package static func detachFromClient(keepingDescriptorsTo highest: Int32) {
    _ = setpgid(0, 0)
    _ = unsafe chdir("/")
    #if canImport(Darwin)
      let folder = "/dev/fd"
    #else
      let folder = "/proc/self/fd"
    #endif
    for name in Folder.names(in: folder) {
      if let descriptor = Int32(name), descriptor > highest { close(descriptor) }
    }
  }

  /// Ends the process at once, without running anything more.
  package static func exit(_ code: Int32) -> Never { _exit(code) }

  /// Ends as the server ended: with its code, or by the same signal.
  package static func end(as status: ExitStatus) -> Never {
    switch status {
    case .exited(let code): _exit(code)
    case .killed(let signal):
      // The server has left its core file, if any; a second one of the guard would only mislead.
      var limit = rlimit(rlim_cur: 0, rlim_max: 0)
      #if canImport(Glibc)
        unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &limit)
      #else
        unsafe setrlimit(RLIMIT_CORE, &limit)
      #endif
      Dispositions.reset(signal)
      var mask = sigset_t()
      unsafe sigemptyset(&mask)
      unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
      raise(signal.number)
      // Only for a signal that ends nobody: tell the shell's way.
      _exit(128 + signal.number)
    }
  }
}
