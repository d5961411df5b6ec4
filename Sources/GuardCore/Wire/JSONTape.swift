/// What a place in a JSON text holds.
package enum JSONKind: UInt64, Sendable {
  case object, array, end, string, escapedString, integer, number, `true`, `false`, null
}

/// One entry of a tape: eight bytes, whatever it stands for.
package struct JSONEntry: BitwiseCopyable, Sendable {
  private static let fieldMask: UInt64 = 1 << 30 - 1

  private let bits: UInt64

  /// `extent` is the length in bytes, quotes included; for a container, the number of entries up to its end.
  init(_ kind: JSONKind, at offset: Int, extent: Int) {
    bits = kind.rawValue << 60 | UInt64(offset) << 30 | UInt64(extent)
  }

  package var kind: JSONKind {
    // Only `init` makes entries, out of a kind.
    JSONKind(rawValue: bits >> 60) ?? .null
  }
  package var offset: Int { Int(bits >> 30 & Self.fieldMask) }
  package var extent: Int { Int(bits & Self.fieldMask) }
}

/// A JSON text as a flat list of positions.
///
/// `{"a":[1,2],"b":"x"}` becomes
///
///     0 object  → end is 7 further     4 integer  at 8
///     1 string  at 1, 3 bytes  (a)     5 end      at 9
///     2 array   → end is 3 further     6 string   at 11 (b)
///     3 integer at 6, 1 byte           7 string   at 15 …   8 end at 18
///
/// Nothing is copied or decoded: whoever wants a value looks it up in the text. A place is an index into the tape.
package struct JSONTape: ~Copyable {
  private static let initialCapacity = 4096
  private static let keptCapacity = 128 * 1024

  /// Offsets have 30 bits.
  package static let longestText = 1 << 30 - 1

  private var entries: Region<JSONEntry>
  package private(set) var count = 0

  private let longestTape: Int

  /// A tape for texts of up to `textLimit` bytes; `[],` with two entries in three bytes is what needs most.
  package init(textLimit: Int) throws(Errno) {
    longestTape = textLimit / 3 * 2 + 16
    entries = try Region(capacity: Self.initialCapacity)
  }

  package subscript(place: Int) -> JSONEntry { entries[place] }

  /// The bytes of the value at `place`; of a string with its quotes.
  package func bytes(at place: Int) -> Range<Int> {
    let entry = entries[place]
    switch entry.kind {
    case .object, .array: return entry.offset..<(entries[place + entry.extent].offset + 1)
    default: return entry.offset..<(entry.offset + entry.extent)
    }
  }

  /// The bytes between the quotes of the string at `place`.
  package func content(at place: Int) -> Range<Int> {
    let entry = entries[place]
    return (entry.offset + 1)..<(entry.offset + entry.extent - 1)
  }

  /// The place after the value at `place`: of the next member or element, or of the end.
  package func next(after place: Int) -> Int {
    let entry = entries[place]
    switch entry.kind {
    case .object, .array: return place + entry.extent + 1
    default: return place + 1
    }
  }

  /// Where the container at `place` ends.
  package func end(of place: Int) -> Int { place + entries[place].extent }

  mutating func append(_ entry: JSONEntry) throws(Fault) {
    if count == entries.capacity {
      // At once to what the longest line can need, of which only what is used costs memory: nothing is ever copied.
      do throws(Errno) {
        try entries.grow(to: max(longestTape, count * 2), keeping: count)
      } catch {
        throw Fault(.tooLong, at: entry.offset)
      }
    }
    entries[count] = entry
    count += 1
  }

  /// Tells the container at `place` where it ends.
  mutating func close(_ place: Int, at offset: Int) throws(Fault) {
    let opened = entries[place]
    entries[place] = JSONEntry(opened.kind, at: opened.offset, extent: count - place)
    try append(JSONEntry(.end, at: offset, extent: 1))
  }

  mutating func clear() {
    if count > Self.keptCapacity { entries.discard(from: Self.keptCapacity) }
    count = 0
  }
}

extension JSONTape {
  /// The place of the value that the object at `place` has under `name`.
  package func value(of name: String, in place: Int, _ text: Span<UInt8>) -> Int? {
    var key = place + 1
    let end = end(of: place)
    while key < end {
      if isString(name, at: key, text) { return key + 1 }
      key = next(after: key + 1)
    }
    return nil
  }

  /// Whether a string stands at `place` that means `value`.
  package func isString(_ value: String, at place: Int, _ text: Span<UInt8>) -> Bool {
    guard self[place].kind == .string || self[place].kind == .escapedString else { return false }
    var content = Bytes()
    JSONString.decode(text, self.content(at: place), to: &content)
    return content.elementsEqual(value.utf8)
  }
}
