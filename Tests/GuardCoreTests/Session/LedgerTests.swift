import Testing

@testable import GuardCore

@Suite struct LedgerTests {
  @Test func `long ids may wait, but not without end`() {
    var ledger = Ledger()
    func id(_ number: Int) -> MessageID { .text(Bytes("\(number)".utf8) + Bytes(repeating: 0x78, count: 4000)) }
    var opened = 0
    while opened < 10_000, ledger.open(id(opened), nil, batch: nil, from: .fromClient) == nil { opened += 1 }
    #expect(opened > 4000 && opened < 4300)
    #expect(ledger.open(.integer(1), nil, batch: nil, from: .fromClient) == nil)
    // What is answered, given up or forgotten makes room again.
    #expect(ledger.settle(id(0), answeredBy: .fromServer) != nil)
    #expect(ledger.open(id(0), nil, batch: nil, from: .fromServer) == nil)
    #expect(ledger.open(id(-1), nil, batch: nil, from: .fromServer) == .tooManyWaiting)
    for number in 1..<1100 { _ = ledger.cancel(id(number), by: .fromClient) }
    #expect(ledger.open(id(-1), nil, batch: nil, from: .fromServer) == nil)
    _ = ledger.abandon(since: 0)
    for number in 0..<4000 { #expect(ledger.open(id(number), nil, batch: nil, from: .fromClient) == nil) }
  }

  @Test func `a request is open until it is settled`() {
    var ledger = Ledger()
    #expect(ledger.open(.integer(1), .ping, batch: nil, from: .fromClient) == nil)
    #expect(ledger.open(.integer(1), .ping, batch: nil, from: .fromClient) == .duplicateID)
    let pending = ledger.settle(.integer(1), answeredBy: .fromServer)
    #expect(pending?.method == .ping)
    #expect(pending?.isCancelled == false)
    #expect(ledger.settle(.integer(1), answeredBy: .fromServer)?.serial == nil)
    #expect(ledger.open(.integer(1), .ping, batch: nil, from: .fromClient) == nil)
  }

  @Test func `each side has ids of its own`() {
    var ledger = Ledger()
    #expect(ledger.open(.integer(1), .toolsCall, batch: 4, from: .fromClient) == nil)
    #expect(ledger.open(.integer(1), .rootsList, batch: nil, from: .fromServer) == nil)
    #expect(ledger.settle(.integer(1), answeredBy: .fromClient)?.method == .rootsList)
    #expect(ledger.settle(.integer(1), answeredBy: .fromClient)?.method == nil)
    let pending = ledger.settle(.integer(1), answeredBy: .fromServer)
    #expect(pending?.method == .toolsCall)
    #expect(pending?.batch == 4)
  }

  @Test func `a cancelled request can be answered once, or made again`() {
    var ledger = Ledger()
    for id: MessageID in [.integer(1), .integer(2)] {
      #expect(ledger.open(id, nil, batch: nil, from: .fromClient) == nil)
    }
    _ = ledger.cancel(.integer(1), by: .fromClient)
    _ = ledger.cancel(.integer(1), by: .fromClient)
    _ = ledger.cancel(.integer(2), by: .fromClient)
    #expect(ledger.settle(.integer(1), answeredBy: .fromServer)?.isCancelled == true)
    #expect(ledger.settle(.integer(1), answeredBy: .fromServer)?.isCancelled == nil)
    #expect(ledger.open(.integer(2), nil, batch: nil, from: .fromClient) == nil)
    #expect(ledger.settle(.integer(2), answeredBy: .fromServer)?.isCancelled == false)
  }

  @Test func `nobody cancels what is not theirs, or the first request of all`() {
    var ledger = Ledger()
    #expect(ledger.open(.integer(1), nil, batch: nil, from: .fromClient) == nil)
    #expect(ledger.open(.integer(0), .initialize, batch: nil, from: .fromClient) == nil)
    _ = ledger.cancel(.integer(1), by: .fromServer)
    _ = ledger.cancel(.integer(0), by: .fromClient)
    #expect(ledger.settle(.integer(1), answeredBy: .fromServer)?.isCancelled == false)
    #expect(ledger.settle(.integer(0), answeredBy: .fromServer)?.isCancelled == false)
  }

  @Test func `what is owed is given up in the order in which it was asked`() {
    var ledger = Ledger()
    for number in stride(from: Int64(50), to: 0, by: -1) {
      #expect(ledger.open(.integer(number), nil, batch: nil, from: .fromClient) == nil)
    }
    #expect(ledger.open(.integer(99), nil, batch: nil, from: .fromServer) == nil)
    _ = ledger.cancel(.integer(30), by: .fromClient)
    _ = ledger.settle(.integer(20), answeredBy: .fromServer)
    let expected = stride(from: Int64(50), to: 0, by: -1).filter { $0 != 30 && $0 != 20 }.map { MessageID.integer($0) }
    #expect(ledger.abandon(since: 0) == expected)
    #expect(ledger.abandon(since: 0) == [])
    #expect(ledger.settle(.integer(99), answeredBy: .fromClient) != nil)
  }

  @Test func `only what was asked since a bookmark is given up`() {
    var ledger = Ledger()
    #expect(ledger.open(.integer(1), nil, batch: nil, from: .fromClient) == nil)
    let bookmark = ledger.nextSerial
    #expect(ledger.open(.integer(2), nil, batch: nil, from: .fromServer) == nil)
    #expect(ledger.open(.integer(3), nil, batch: nil, from: .fromClient) == nil)
    #expect(ledger.abandon(since: bookmark) == [.integer(3)])
    #expect(ledger.settle(.integer(1), answeredBy: .fromServer) != nil)
    #expect(ledger.settle(.integer(3), answeredBy: .fromServer)?.serial == nil)
  }

  @Test func `cancelled requests are forgotten when there are very many, and others never`() {
    var ledger = Ledger()
    #expect(ledger.open(.text(Bytes("kept".utf8)), nil, batch: nil, from: .fromClient) == nil)
    for number in 0..<Int64(5000) {
      #expect(ledger.open(.integer(number), nil, batch: nil, from: .fromClient) == nil)
      _ = ledger.cancel(.integer(number), by: .fromClient)
    }
    var remembered = 0
    for number in 0..<Int64(5000) where ledger.settle(.integer(number), answeredBy: .fromServer) != nil {
      remembered += 1
    }
    #expect(remembered <= 1024)
    #expect(ledger.settle(.text(Bytes("kept".utf8)), answeredBy: .fromServer)?.isCancelled == false)
    #expect(ledger.abandon(since: 0) == [])
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func `a ledger does what a plain list would`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var ledger = Ledger()
    var waiting: [Int64: (isCancelled: Bool, serial: Int)] = [:]
    var serial = 0
    for step in 0..<500 {
      let id = Int64.random(in: 0..<12, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0...3:
        let isNew = waiting[id].map(\.isCancelled) ?? true
        let flaw = ledger.open(.integer(id), nil, batch: nil, from: .fromClient)
        #expect(flaw == (isNew ? nil : .duplicateID), "step \(step)")
        if isNew { waiting[id] = (false, serial) }
        if isNew { serial += 1 }
      case 4, 5:
        let settled = ledger.settle(.integer(id), answeredBy: .fromServer)
        #expect(settled?.isCancelled == waiting[id]?.isCancelled, "step \(step)")
        #expect(settled?.serial == waiting[id]?.serial, "step \(step)")
        waiting[id] = nil
      case 6:
        _ = ledger.cancel(.integer(id), by: .fromClient)
        waiting[id]?.isCancelled = true
      default: _ = ledger.cancel(.integer(id), by: .fromServer)
      }
      #expect(ledger.nextSerial == serial)
    }
    let owed = waiting.filter { !$0.value.isCancelled }.sorted { $0.value.serial < $1.value.serial }
    #expect(ledger.abandon(since: 0) == owed.map { .integer($0.key) })
  }
}
