import Testing

@testable import GuardCore

/// Something that was done, and when.
private struct Deed: Equatable {
  let time: Int
  let action: Lifecycle.Action
}

private func at(_ time: Int, _ action: Lifecycle.Action) -> Deed { Deed(time: time, action: action) }

/// A lifecycle with a clock that the test sets.
private struct Play {
  var lifecycle: Lifecycle
  var now = 0

  init(leadsGroup: Bool = false) { lifecycle = Lifecycle(leadsGroup: leadsGroup) }

  mutating func happens(_ event: Lifecycle.Event) -> [Lifecycle.Action] {
    lifecycle.handle(event, at: Instant(milliseconds: now))
  }

  /// Lets time pass up to `milliseconds`, timer by timer, and returns what was done and when.
  mutating func wait(until milliseconds: Int) -> [Deed] {
    var done: [Deed] = []
    while let deadline = lifecycle.deadline, deadline.milliseconds <= milliseconds {
      now = max(now, deadline.milliseconds)
      for action in lifecycle.passTime(to: Instant(milliseconds: now)) { done.append(at(now, action)) }
    }
    now = milliseconds
    return done
  }

  mutating func signal(_ signal: Signal, fromKernel: Bool = false) -> [Lifecycle.Action] {
    happens(.signalled(SignalArrival(signal: signal, isFromKernel: fromKernel)))
  }
}

private let done = ExitStatus.exited(code: 0)

struct LifecycleTests {
  @Test func `a server that exits by itself is mirrored once all is written`() {
    var play = Play()
    #expect(play.happens(.serverOutputEnded) == [])
    #expect(play.happens(.serverExited(.exited(code: 7))) == [.windDown])
    #expect(play.happens(.clientEnded) == [.closeOutput, .flushDiagnostics])
    #expect(play.happens(.outputFlushed) == [])
    #expect(play.happens(.diagnosticsFlushed) == [.end(.exited(code: 7))])
    #expect(play.wait(until: 60_000) == [])
  }

  @Test func `what the client has asked before the end is waited for, but not for long`() {
    var play = Play()
    _ = play.happens(.serverOutputEnded)
    #expect(play.happens(.serverExited(done)) == [.windDown])
    #expect(play.wait(until: 12) == [at(5, .windDown), at(10, .windDown)])
    #expect(play.wait(until: 249).allSatisfy { $0.action == .windDown })
    #expect(play.wait(until: 250).suffix(2) == [at(250, .closeOutput), at(250, .flushDiagnostics)])
  }

  @Test
  func `output that a grandchild holds open delays the end by half a second, a client that reads slowly as it likes`() {
    var play = Play()
    #expect(play.happens(.serverExited(done)) == [])
    #expect(play.wait(until: 499) == [])
    #expect(play.wait(until: 530) == [at(500, .endOutput), at(520, .endOutput)])
    #expect(play.wait(until: 9000).allSatisfy { $0.action == .endOutput })
    #expect(play.happens(.serverOutputEnded) == [.windDown])
  }

  @Test func `the end of the client's input starts no clock`() {
    var play = Play()
    #expect(play.happens(.clientEnded) == [.watchForVanishingClient])
    #expect(play.lifecycle.deadline == nil)
  }

  @Test func `when nobody is left at the other end the server is stopped`() {
    var play = Play()
    #expect(play.happens(.clientEnded) == [.watchForVanishingClient])
    #expect(play.happens(.clientVanished) == [])
    #expect(play.wait(until: 4000) == [at(2000, .sendToTree(.terminate)), at(3200, .killTree)])
  }

  @Test(arguments: [Signal.terminate, .hangUp, .interrupt])
  func `a signal to us alone goes on at once, and the tree dies before 1.5 seconds`(signal: Signal) {
    var play = Play()
    #expect(play.signal(signal) == [.sendToTree(signal)])
    #expect(play.wait(until: 1500) == [at(1200, .killTree)])
  }

  @Test func `a signal to the group is sent again only when the server is still there`() {
    var play = Play(leadsGroup: true)
    #expect(play.signal(.terminate) == [])
    #expect(play.wait(until: 100) == [at(100, .sendToTree(.terminate))])

    play = Play(leadsGroup: true)
    #expect(play.signal(.terminate) == [])
    play.now = 50
    #expect(play.happens(.serverOutputEnded) == [])
    #expect(play.happens(.serverExited(done)) == [.sendToTree(.terminate), .lookForSurvivors])
    #expect(play.happens(.survivorsGone) == [.windDown])
  }

  @Test func `what the server leaves behind after a stop gets 300 ms`() {
    var play = Play()
    _ = play.signal(.terminate)
    play.now = 10
    #expect(play.happens(.serverOutputEnded) == [])
    #expect(play.happens(.serverExited(.killed(by: .terminate))) == [.sendToTree(.terminate), .lookForSurvivors])
    play.lifecycle.survivorsRemain(at: Instant(milliseconds: 10))
    #expect(play.wait(until: 30) == [at(30, .lookForSurvivors)])
    #expect(play.wait(until: 310) == [at(310, .killTree), at(310, .windDown)])
  }

  @Test func `a signal from the terminal has reached the server already`() {
    var play = Play()
    #expect(play.signal(.interrupt, fromKernel: true) == [])
    #expect(play.lifecycle.deadline == nil)
  }

  @Test func `a signal that means nothing to us is the server's`() {
    var play = Play()
    #expect(play.signal(.user1) == [.sendToServer(.user1)])
    _ = play.happens(.serverExited(done))
    #expect(play.signal(.user1) == [])
  }

  @Test func `a client that reads nothing holds us up until it asks us to stop`() {
    var play = Play()
    _ = play.happens(.serverOutputEnded)
    _ = play.happens(.clientEnded)
    _ = play.happens(.serverExited(done))
    #expect(play.wait(until: 10_000) == [])
    #expect(play.signal(.terminate) == [.sendToTree(.terminate), .lookForSurvivors])
    #expect(play.happens(.survivorsGone) == [])
    #expect(play.wait(until: 10_400) == [at(10375, .end(done))])
  }

  @Test func `a stop that comes after the server's end still reaches what it has left behind`() {
    var play = Play(leadsGroup: true)
    _ = play.happens(.clientEnded)
    _ = play.happens(.serverOutputEnded)
    // Killed together with us, but a little earlier: our own signal is waited for.
    #expect(play.happens(.serverExited(.killed(by: .terminate))) == [])
    play.now = 10
    #expect(play.signal(.terminate) == [.sendToTree(.terminate), .lookForSurvivors])
    play.lifecycle.survivorsRemain(at: Instant(milliseconds: 10))
    #expect(play.wait(until: 310).contains(at(310, .killTree)))
    #expect(play.happens(.outputFlushed) == [])
    #expect(play.happens(.diagnosticsFlushed) == [.end(.killed(by: .terminate))])

    play = Play(leadsGroup: true)
    _ = play.happens(.clientEnded)
    _ = play.happens(.serverOutputEnded)
    _ = play.happens(.serverExited(.killed(by: .terminate)))
    #expect(play.wait(until: 30) == [at(30, .windDown), at(30, .closeOutput), at(30, .flushDiagnostics)])
  }

  @Test func `stderr that nobody takes does not keep us`() {
    var play = Play()
    _ = play.happens(.serverOutputEnded)
    _ = play.happens(.clientEnded)
    _ = play.happens(.serverExited(done))
    #expect(play.happens(.outputFlushed) == [])
    #expect(play.wait(until: 1000) == [at(1000, .end(done))])
  }

  @Test func `a server that closes its output but stays gets no more questions`() {
    var play = Play()
    #expect(play.happens(.serverOutputEnded) == [])
    #expect(play.wait(until: 500) == [at(500, .windDown)])
    #expect(play.happens(.clientEnded) == [.closeOutput, .watchForVanishingClient])
    #expect(play.happens(.outputFlushed) == [])
    #expect(play.happens(.serverExited(done)) == [.flushDiagnostics])
    #expect(play.happens(.diagnosticsFlushed) == [.end(done)])
  }

  @Test func `requests that could not be delivered are answered when the server stays`() {
    var play = Play()
    #expect(play.happens(.serverInputBroken) == [])
    #expect(play.wait(until: 1000) == [at(1000, .answerUndelivered)])

    play = Play()
    _ = play.happens(.serverInputBroken)
    _ = play.happens(.serverOutputEnded)
    #expect(play.happens(.serverExited(done)) == [.windDown])
    #expect(!play.wait(until: 1000).contains(at(1000, .answerUndelivered)))
  }
}
