#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Threads of the operating system: the pumps block in `read` and `write`, which tasks must not.
package enum Thread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread that nobody waits for; what it has to say it says through a `Monitor` or a pipe.
  package static func detach(_ run: @escaping @Sendable () -> Void) throws(Errno) {
    let body = unsafe Unmanaged.passRetained(Body(run))
    #if canImport(Glibc)
      var thread = pthread_t()
      let result = unsafe pthread_create(
        &thread, nil,
        { argument in
          if let argument = unsafe argument { unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, body.toOpaque())
      let created: pthread_t? = thread
    #else
      var created: pthread_t?
      #if canImport(Darwin)
        let result = unsafe pthread_create(
          &created, nil,
          { argument in
            unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            return nil
          }, body.toOpaque())
      #else
        let result = unsafe pthread_create(
          &created, nil,
          { argument in
            if let argument = unsafe argument { unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
          }, body.toOpaque())
      #endif
    #endif
    guard result == 0, let created else {
      unsafe body.release()
      throw Errno(code: result)
    }
    pthread_detach(created)
  }
}
