#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One process, told from a later one with the same number by the time it was started.
package struct ProcessIdentity: Hashable, Sendable {
  package let id: Int32
  package let startTime: UInt64

  package init(id: Int32, startTime: UInt64) {
    self.id = id
    self.startTime = startTime
  }

  /// The process that has this number now.
  package init?(id: Int32) {
    guard let entry = ProcessTable.entry(id) else { return nil }
    self.init(id: id, startTime: entry.startTime)
  }

  /// Whether it still runs; one that has ended and waits for its parent does not.
  package var isAlive: Bool {
    guard let entry = ProcessTable.entry(id) else { return false }
    return entry.startTime == startTime && entry.state != .ended
  }

  /// Whether it does nothing any more, for now or for good.
  var hasStopped: Bool {
    guard let entry = ProcessTable.entry(id), entry.startTime == startTime else { return true }
    return entry.state != .running
  }

  /// Sends a signal, unless the number belongs to another process by now.
  package func send(_ signal: Signal) {
    if isAlive { kill(id, signal.number) }
  }
}

/// Everything that was started, directly or not, by some processes.
package enum ProcessTree {
  /// The living descendants of `roots`, parents first, without the roots and without what is under `excluded`.
  package static func descendants(of roots: [Int32], except excluded: Set<Int32> = []) -> [ProcessIdentity] {
    var childrenOf: [Int32: [ProcessTable.Entry]] = [:]
    for entry in ProcessTable.all() where !excluded.contains(entry.id) {
      childrenOf[entry.parent, default: []].append(entry)
    }
    var found: [ProcessIdentity] = []
    var open = roots
    while let parent = open.popLast() {
      for child in childrenOf.removeValue(forKey: parent) ?? [] {
        open.append(child.id)
        if child.state != .ended { found.append(ProcessIdentity(id: child.id, startTime: child.startTime)) }
      }
    }
    return found
  }

  /// Kills everything that `find` finds, and what that starts meanwhile.
  ///
  /// Stopped first, and waited for until it has stopped: what has stopped starts nothing more, and loses no child to
  /// init before that has been seen.
  package static func extinguish(_ find: () -> [ProcessIdentity]) {
    var doomed: Set<ProcessIdentity> = []
    for _ in 0..<256 {
      let found = find()
      let unseen = found.filter { !doomed.contains($0) }
      for process in unseen {
        process.send(.stop)
        doomed.insert(process)
      }
      if unseen.isEmpty && found.allSatisfy(\.hasStopped) { break }
      if unseen.isEmpty { _ = SystemCalls.wait(for: [], milliseconds: 1) }
    }
    for process in doomed { process.send(.kill) }
  }
}

/// The system's list of processes.
package enum ProcessTable {
  struct Entry {
    let id: Int32
    let parent: Int32
    let startTime: UInt64
    let state: State
  }

  enum State {
    case running, stopped, ended
  }

  #if canImport(Darwin)
    static func all() -> [Entry] {
      let capacity = Int(unsafe proc_listallpids(nil, 0)) + 64
      var ids = [Int32](repeating: 0, count: capacity)
      let size = Int32(capacity * MemoryLayout<Int32>.size)
      let count = unsafe ids.withUnsafeMutableBytes { unsafe proc_listallpids($0.baseAddress, size) }
      return ids.prefix(max(0, Int(count))).compactMap(entry)
    }

    static func entry(_ id: Int32) -> Entry? {
      var information = proc_bsdinfo()
      let size = Int32(MemoryLayout<proc_bsdinfo>.size)
      // The argument 1 asks for processes that have ended and wait for their parent as well.
      guard unsafe proc_pidinfo(id, PROC_PIDTBSDINFO, 1, &information, size) == size else { return nil }
      let start = information.pbi_start_tvsec * 1_000_000 + information.pbi_start_tvusec
      let state: State =
        switch Int32(bitPattern: information.pbi_status) {
        case SZOMB: .ended
        case SSTOP: .stopped
        default: .running
        }
      return Entry(id: id, parent: Int32(information.pbi_ppid), startTime: start, state: state)
    }

    /// Not to be had here: who holds a pipe is not told.
    package static func holders(ofPipe pipe: String) -> [ProcessIdentity] { [] }

    package static func pipe(at descriptor: Int32) -> String? { nil }
  #else
    static func all() -> [Entry] { Folder.names(in: "/proc").compactMap { Int32($0) }.compactMap(entry) }

    static func entry(_ id: Int32) -> Entry? {
      guard let text = try? SystemFile.contents(of: "/proc/\(id)/stat") else { return nil }
      // "pid (name) state parent …": the name may hold anything, so the fields are counted from its last parenthesis.
      guard let nameEnd = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
      let fields = text[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
      let parentField = 1
      let startTimeField = 19
      guard fields.count > startTimeField, let state = fields[0].first,
        let parent = Int32(String(decoding: fields[parentField], as: UTF8.self)),
        let startTime = UInt64(String(decoding: fields[startTimeField], as: UTF8.self))
      else { return nil }
      return Entry(id: id, parent: parent, startTime: startTime, state: Self.state(state))
    }

    private static func state(_ letter: UInt8) -> State {
      switch letter {
      case UInt8(ascii: "Z"), UInt8(ascii: "X"): .ended
      case UInt8(ascii: "T"), UInt8(ascii: "t"): .stopped
      default: .running
      }
    }

    /// Whoever has an end of the pipe open, but us.
    package static func holders(ofPipe pipe: String) -> [ProcessIdentity] {
      all().filter { entry in
        entry.id != ThisProcess.id
          && Folder.names(in: "/proc/\(entry.id)/fd").contains {
            SystemFile.target(ofLink: "/proc/\(entry.id)/fd/\($0)") == pipe
          }
      }.map { ProcessIdentity(id: $0.id, startTime: $0.startTime) }
    }

    /// The system's name for the pipe at `descriptor`.
    package static func pipe(at descriptor: Int32) -> String? {
      SystemFile.target(ofLink: "/proc/self/fd/\(descriptor)").flatMap { $0.hasPrefix("pipe:") ? $0 : nil }
    }
  #endif
}
