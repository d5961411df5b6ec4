#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// System calls on plain descriptor numbers: one thin function each, which goes on after an interruption.
package enum SystemCalls {
  /// Runs `call` again for as long as a signal interrupts it, and turns -1 into the error.
  static func retrying(_ call: () -> Int) throws(Errno) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = Errno.last
      if error != .interrupted { throw error }
    }
  }

  /// Writes all of `bytes`, however many calls that takes; returns when the last byte is with the kernel.
  package static func write(_ bytes: Span<UInt8>, to descriptor: Int32) throws(Errno) {
    var written = 0
    while written < bytes.count {
      do throws(Errno) {
        written += try writeOnce(bytes.extracting(written..<bytes.count), to: descriptor)
      } catch .wouldBlock {
        // The client may have handed us a descriptor whose description is non-blocking: wait as a blocking one would.
        _ = wait(for: [Watched(descriptor, .writable)], milliseconds: nil)
      }
    }
  }

  /// Writes what one call takes of `bytes`.
  package static func writeOnce(_ bytes: Span<UInt8>, to descriptor: Int32) throws(Errno) -> Int {
    try unsafe bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) throws(Errno) -> Int in
      #if canImport(Darwin)
        try retrying { unsafe Darwin.write(descriptor, raw.baseAddress, raw.count) }
      #elseif canImport(Glibc)
        try retrying { unsafe Glibc.write(descriptor, raw.baseAddress, raw.count) }
      #else
        try retrying { unsafe Musl.write(descriptor, raw.baseAddress, raw.count) }
      #endif
    }
  }

  /// Makes reads and writes on a descriptor of our own return at once; never used on one that was handed to us.
  package static func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// Closes a descriptor that `Descriptor.release()` has given away.
  package static func close(_ descriptor: Int32) {
    #if canImport(Darwin)
      Darwin.close(descriptor)
    #elseif canImport(Glibc)
      Glibc.close(descriptor)
    #else
      Musl.close(descriptor)
    #endif
  }

  /// Makes the other end of a non-blocking pipe readable; one that is full already is.
  package static func ring(_ descriptor: Int32) {
    let byte: Bytes = [0]
    _ = try? writeOnce(byte.span, to: descriptor)
  }

  /// Empties a non-blocking pipe.
  package static func silence(_ descriptor: Int32) {
    while let bytes = try? readOnce(descriptor, atMost: 512), !bytes.isEmpty {}
  }

  /// Reads once, at most `count` bytes; nothing means that nothing will ever come again.
  package static func readOnce(_ descriptor: Int32, atMost count: Int) throws(Errno) -> Bytes {
    var bytes = Bytes(repeating: 0, count: count)
    let taken = try retrying {
      unsafe bytes.withUnsafeMutableBytes { raw in
        #if canImport(Darwin)
          unsafe Darwin.read(descriptor, raw.baseAddress, raw.count)
        #elseif canImport(Glibc)
          unsafe Glibc.read(descriptor, raw.baseAddress, raw.count)
        #else
          unsafe Musl.read(descriptor, raw.baseAddress, raw.count)
        #endif
      }
    }
    bytes.removeLast(count - taken)
    return bytes
  }

  /// What a descriptor is watched for.
  package enum Readiness: Sendable {
    case readable, writable, hangUp
  }

  /// One descriptor to wait for.
  package struct Watched: Sendable {
    let descriptor: Int32
    let readiness: Readiness

    package init(_ descriptor: Int32, _ readiness: Readiness) {
      self.descriptor = descriptor
      self.readiness = readiness
    }
  }

  /// Waits until a watched descriptor is ready or the time is over (never, when nil); says which ones are ready.
  package static func wait(for watched: [Watched], milliseconds: Int?) -> [Bool] {
    var polled = watched.map { entry in
      let events: Int32 =
        switch entry.readiness {
        case .readable: Int32(POLLIN)
        case .writable: Int32(POLLOUT)
        case .hangUp: 0
        }
      return pollfd(fd: entry.descriptor, events: Int16(events), revents: 0)
    }
    let timeout = milliseconds.map { Int32(clamping: max(0, $0)) } ?? -1
    // An interruption counts as a wake-up with nothing ready: whoever waits with a deadline computes it anew.
    let result = unsafe polled.withUnsafeMutableBufferPointer { buffer in
      unsafe poll(buffer.baseAddress, nfds_t(buffer.count), timeout)
    }
    return polled.map { result > 0 && $0.revents != 0 }
  }

  /// What a pipe that can be written to takes without blocking.
  package static var pieceThatNeverBlocks: Int { Int(PIPE_BUF) }

  /// Whether the descriptor is a terminal.
  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Opens /dev/null in the place of whichever standard descriptor is closed, so that no pipe of ours lands there.
  package static func fillStandardDescriptors() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
      replaceWithNull(descriptor)
    }
  }

  /// /dev/null, for a descriptor that nobody needs.
  package static func openNull() throws(Errno) -> Descriptor {
    let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    if null < 0 { throw .last }
    return Descriptor(owning: null)
  }

  /// A description of our own of the terminal at `descriptor`, on which writing never blocks; nil where there is none.
  ///
  /// A terminal is called writable when it takes one byte, and then blocks for the others.
  package static func openTerminal(at descriptor: Int32) -> Int32? {
    #if os(Linux)
      guard isTerminal(descriptor) else { return nil }
      let own = unsafe open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      return own < 0 ? nil : own
    #else
      return nil
    #endif
  }

  /// Puts /dev/null where `descriptor` was, so that its number can't come to mean something else.
  package static func replaceWithNull(_ descriptor: Int32) {
    let null = unsafe open("/dev/null", O_RDWR)
    guard null >= 0, null != descriptor else { return }
    _ = dup2(null, descriptor)
    close(null)
  }
}
