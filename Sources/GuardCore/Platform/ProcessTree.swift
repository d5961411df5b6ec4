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
    return entry.startTime == startTime && !entry.isZombie
  }

  /// Sends a signal, unless the number belongs to another process by now.
  package func send(_ signal: Signal) {
    if isAlive { kill(id, signal.number) }
  }
}

/// Everything that was started, directly or not, by one process.
package struct ProcessTree: Sendable {
  let root: Int32

  package init(root: Int32) { self.root = root }

  /// The living descendants of the root, parents first, without the root and without what is under `excluded`.
  package func descendants(except excluded: Int32? = nil) -> [ProcessIdentity] {
    var childrenOf: [Int32: [ProcessTable.Entry]] = [:]
    for entry in ProcessTable.all() where entry.id != excluded {
      childrenOf[entry.parent, default: []].append(entry)
    }
    var found: [ProcessIdentity] = []
    var open = [root]
    while let parent = open.popLast() {
      for child in childrenOf[parent] ?? [] {
        open.append(child.id)
        if !child.isZombie { found.append(ProcessIdentity(id: child.id, startTime: child.startTime)) }
      }
    }
    return found
  }

  /// Sends `signal` to every living descendant.
  package func signalDescendants(_ signal: Signal, except excluded: Int32? = nil) {
    for process in descendants(except: excluded) { process.send(signal) }
  }

  /// Kills every descendant and those started meanwhile.
  package func killDescendants(except excluded: Int32? = nil) {
    // Stopped first: what is stopped starts nothing and loses no child to init before that has been seen.
    var stopped: Set<ProcessIdentity> = []
    for _ in 0..<64 {
      let unseen = descendants(except: excluded).filter { !stopped.contains($0) }
      if unseen.isEmpty { break }
      for process in unseen {
        process.send(.stop)
        stopped.insert(process)
      }
    }
    for process in stopped { process.send(.kill) }
  }
}

/// The system's list of processes.
enum ProcessTable {
  struct Entry {
    let id: Int32
    let parent: Int32
    let startTime: UInt64
    let isZombie: Bool
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
      guard unsafe proc_pidinfo(id, PROC_PIDTBSDINFO, 0, &information, size) == size else { return nil }
      let start = information.pbi_start_tvsec * 1_000_000 + information.pbi_start_tvusec
      return Entry(
        id: id, parent: Int32(information.pbi_ppid), startTime: start, isZombie: information.pbi_status == SZOMB)
    }
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
      let isGone = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
      return Entry(id: id, parent: parent, startTime: startTime, isZombie: isGone)
    }
  #endif
}
