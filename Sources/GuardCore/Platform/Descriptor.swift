#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open file descriptor that is ours to close.
package struct Descriptor: ~Copyable, Sendable {
  package let number: Int32

  package init(owning number: Int32) { self.number = number }

  /// Gives the descriptor away: somebody else closes it from now on.
  package consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }

  deinit {
    // Not retried after EINTR: on Linux the descriptor is gone by then, and its number may be somebody else's already.
    close(number)
  }
}

/// A pipe of our own; programs that are started later don't get its ends.
package struct Pipe: ~Copyable, Sendable {
  package let readEnd: Descriptor
  package let writeEnd: Descriptor

  package init() throws(Errno) {
    var ends: [Int32] = [-1, -1]
    if unsafe pipe(&ends) != 0 { throw .last }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    readEnd = Descriptor(owning: ends[0])
    writeEnd = Descriptor(owning: ends[1])
  }

  /// Gives both ends away.
  package consuming func release() -> (readEnd: Int32, writeEnd: Int32) { (readEnd.release(), writeEnd.release()) }
}
