#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory straight from the kernel: only touched pages cost anything, and giving pages back really gives them back.
///
/// The allocator keeps freed memory of up to 32 MiB for itself, which a guard that sits idle for days must not.
@safe
package struct Region<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  package private(set) var capacity: Int

  package init(capacity: Int) throws(Errno) {
    self.capacity = capacity
    unsafe base = try Self.map(capacity)
  }

  deinit { unsafe munmap(base, Self.length(capacity)) }

  private static func length(_ capacity: Int) -> Int { capacity * MemoryLayout<Element>.stride }

  private static func map(_ capacity: Int) throws(Errno) -> UnsafeMutablePointer<Element> {
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #endif
    let address = unsafe mmap(nil, length(capacity), PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else { throw .last }
    return unsafe address.bindMemory(to: Element.self, capacity: capacity)
  }

  package subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < capacity)
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < capacity)
      unsafe base[index] = newValue
    }
  }

  /// Lends the elements of `range`.
  package func lend<Result, Failure>(
    _ range: Range<Int>, to body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
    let buffer = unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    return try unsafe body(buffer.span)
  }

  /// Moves the elements of `range` to the front.
  package mutating func moveToFront(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
    if range.isEmpty || range.lowerBound == 0 { return }
    unsafe base.update(from: base + range.lowerBound, count: range.count)
  }

  /// Makes room for `newCapacity` elements, keeping the first `count`.
  package mutating func grow(to newCapacity: Int, keeping count: Int) throws(Errno) {
    precondition(count <= capacity && capacity <= newCapacity)
    let larger = try unsafe Self.map(newCapacity)
    unsafe larger.update(from: base, count: count)
    unsafe munmap(base, Self.length(capacity))
    unsafe base = unsafe larger
    capacity = newCapacity
  }

  /// Gives the memory of all elements from `index` on back to the system; they read as zero afterwards.
  package mutating func discard(from index: Int) {
    let page = Int(getpagesize())
    let first = (Self.length(index) + page - 1) / page * page
    let rest = Self.length(capacity) - first
    if rest <= 0 { return }
    // A fresh mapping over the old one is the one way of giving pages back that Linux and Darwin agree on.
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON | MAP_FIXED
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED
    #endif
    _ = unsafe mmap(UnsafeMutableRawPointer(base) + first, rest, PROT_READ | PROT_WRITE, flags, -1, 0)
  }
}

extension Region where Element == UInt8 {
  /// Reads once from `descriptor` to the bytes of `range`; 0 says that nothing will ever come again.
  ///
  /// A signal ends the call with `Errno.interrupted`: whoever waits for ever may have to be told to stop.
  package mutating func read(from descriptor: Int32, into range: Range<Int>) throws(Errno) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
    let target = unsafe base + range.lowerBound
    while true {
      #if canImport(Darwin)
        let count = unsafe Darwin.read(descriptor, target, range.count)
      #elseif canImport(Glibc)
        let count = unsafe Glibc.read(descriptor, target, range.count)
      #else
        let count = unsafe Musl.read(descriptor, target, range.count)
      #endif
      if count >= 0 { return count }
      let error = Errno.last
      guard error == .wouldBlock else { throw error }
      let readable = SystemCalls.Watched(descriptor, .readable)
      if !SystemCalls.wait(for: [readable], milliseconds: nil)[0] { throw .interrupted }
    }
  }
}
