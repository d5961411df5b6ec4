import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gets one thread out of a `read` that may never return, without a call more for every read that does.
package final class Interruption: Sendable {
  #if canImport(Glibc)
    private typealias Name = pthread_t
  #else
    // A pointer that is a name and nothing else.
    private typealias Name = UInt
  #endif

  private let thread = Mutex<Name?>(nil)

  /// Makes the signal do nothing but end a call; SIGURG, which means nothing to a process that has not asked for it.
  package init() {
    Dispositions.handle(Signal(number: SIGURG)) { _ in }
  }

  /// Makes the calling thread the one to interrupt, for as long as `body` takes.
  package func whileInterruptible(_ body: () -> Void) {
    #if canImport(Glibc)
      let me = pthread_self()
    #else
      let me = unsafe UInt(bitPattern: pthread_self())
    #endif
    thread.withLock { $0 = me }
    body()
    thread.withLock { $0 = nil }
  }

  /// Interrupts the thread; one that is not in a call at this moment notices nothing, so this may have to be repeated.
  package func interrupt() {
    thread.withLock { thread in
      guard let thread else { return }
      #if canImport(Glibc)
        pthread_kill(thread, SIGURG)
      #else
        guard let thread = unsafe pthread_t(bitPattern: thread) else { return }
        unsafe pthread_kill(thread, SIGURG)
      #endif
    }
  }
}
