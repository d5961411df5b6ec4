#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// State behind a lock whose holder may wait for a condition: what `Synchronization.Mutex` can't do.
// @unchecked: `state` is touched between lock and unlock only, and the two pointers never change.
@safe
package final class Monitor<State>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var state: State

  package init(_ state: State) {
    self.state = state
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
    unsafe condition = .allocate(capacity: 1)
    unsafe condition.initialize(to: pthread_cond_t())
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe condition.deallocate()
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Runs `body` as the only one who sees the state, after waiting for as long as `mustWait` says so.
  package func withState<Result, Failure>(
    waitingWhile mustWait: (State) -> Bool = { _ in false },
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while mustWait(state) { unsafe pthread_cond_wait(condition, mutex) }
    return try body(&state)
  }

  /// Makes everyone who waits look at the state again.
  package func wake() { unsafe pthread_cond_broadcast(condition) }
}
