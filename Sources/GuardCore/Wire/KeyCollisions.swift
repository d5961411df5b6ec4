/// Finds keys of one object that are the same once escapes, and if asked case, are seen through.
///
/// Small objects, which are nearly all, compare a word of each key with that of every other. Large ones go through a
/// hash table whose seed nobody outside knows, so that no choice of keys makes it slow.
struct KeyCollisions {
  private static let smallObject = 12

  private let seed = Randomness.word()
  private var words: ContiguousArray<UInt64> = []
  private var places: ContiguousArray<Int> = []
  private var names = Bytes()
  private var nameEnds: ContiguousArray<Int> = []
  private var decoded = Bytes()
  private var table: ContiguousArray<Int32> = []

  /// The place of a key that collides with an earlier one of the object at `object`.
  mutating func find(
    in object: Int, of tape: borrowing JSONTape, _ text: Span<UInt8>, ignoringCase: Bool
  ) -> Int? {
    let end = tape.end(of: object)
    // No key, or only one.
    if object + 1 == end || tape.next(after: object + 2) == end { return nil }

    words.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    var isPlain = true
    var key = object + 1
    while key < end {
      let content = tape.content(at: key)
      // Escaped keys, and those that may fold to another length, are not what they look like.
      if tape[key].kind == .escapedString { isPlain = false }
      if ignoringCase && ByteSearch.endOfPlainText(in: text, from: content.lowerBound) < content.upperBound {
        isPlain = false
      }
      places.append(key)
      key = tape.next(after: key + 1)
    }
    if isPlain && places.count <= Self.smallObject && !mayCollide(tape, text, ignoringCase: ignoringCase) { return nil }
    return findByTable(tape, text, ignoringCase: ignoringCase)
  }

  /// Whether any two keys look alike by their length and first letters.
  private mutating func mayCollide(_ tape: borrowing JSONTape, _ text: Span<UInt8>, ignoringCase: Bool) -> Bool {
    let caseBits: UInt64 = ignoringCase ? 0x2020_2020_2020_2020 : 0
    for (index, place) in places.enumerated() {
      let content = tape.content(at: place)
      let word = ByteSearch.word(of: text, from: content.lowerBound, count: content.count) | caseBits
      for earlier in 0..<index where words[earlier] == word && tape[places[earlier]].extent == tape[place].extent {
        if ignoringCase || ByteSearch.equal(text, tape.content(at: places[earlier]), content) { return true }
      }
      words.append(word)
    }
    return false
  }

  private mutating func findByTable(_ tape: borrowing JSONTape, _ text: Span<UInt8>, ignoringCase: Bool) -> Int? {
    defer { giveBack() }
    let slots = max(16, (places.count * 2 - 1).nextPowerOfTwo)
    words.removeAll(keepingCapacity: true)
    table.removeAll(keepingCapacity: true)
    table.append(contentsOf: repeatElement(-1, count: slots))
    names.removeAll(keepingCapacity: true)
    nameEnds.removeAll(keepingCapacity: true)

    for (index, place) in places.enumerated() {
      let start = names.count
      appendName(tape.content(at: place), text, ignoringCase: ignoringCase)
      let name = start..<names.count
      nameEnds.append(name.upperBound)
      let hash = hash(of: name)
      words.append(hash)
      var slot = Int(truncatingIfNeeded: hash) & (slots - 1)
      while table[slot] >= 0 {
        let earlier = Int(table[slot])
        if words[earlier] == hash, names[nameRange(earlier)] == names[name] { return place }
        slot = (slot + 1) & (slots - 1)
      }
      table[slot] = Int32(index)
    }
    return nil
  }

  private func nameRange(_ index: Int) -> Range<Int> { (index == 0 ? 0 : nameEnds[index - 1])..<nameEnds[index] }

  private mutating func appendName(_ content: Range<Int>, _ text: Span<UInt8>, ignoringCase: Bool) {
    if !ignoringCase { return JSONString.decode(text, content, to: &names) }
    decoded.removeAll(keepingCapacity: true)
    JSONString.decode(text, content, to: &decoded)
    CaseFolding.fold(decoded, to: &names)
  }

  private func hash(of name: Range<Int>) -> UInt64 {
    var state = seed ^ UInt64(name.count)
    let bytes = names.span
    var index = name.lowerBound
    while index < name.upperBound {
      let word = ByteSearch.word(of: bytes, from: index, count: name.upperBound - index)
      // Both halves of the product, so that no bit of the input is without effect on any bit of the hash.
      let product = (state ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15 ^ seed << 1 | 1)
      state = product.high ^ product.low
      index += 8
    }
    return state
  }

  private mutating func giveBack() {
    let kept = 64 * 1024
    if names.capacity > kept { names = Bytes() }
    if decoded.capacity > kept { decoded = Bytes() }
    if table.capacity > kept {
      table = []
      words = []
      places = []
      nameEnds = []
    }
  }
}

extension Int {
  /// The smallest power of two that is not smaller.
  fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
