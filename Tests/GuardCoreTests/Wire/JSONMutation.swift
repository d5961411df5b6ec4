import GuardCore

/// Documents that are nearly JSON.
enum JSONMutation {
  /// What trips parsers, or makes two of them differ.
  private static let nasty: [Bytes] = [
    #""a":1,"#, #""\u0061":0,"#, #","a":2"#, #"{"a":1,"\u0061":2}"#, #"{"":0,"":0}"#, #""\ud800""#, #"\udc00"#,
    #"\ud83d\ude00"#, #"\u00"#, #"\x"#, "\\", "\"", "NaN", "-Infinity", "Infinity", "-", "01", "1.", ".5", "1e", "+1",
    "0x1", "e5", "-0", "[", "]", "{", "}", ",", ":", "[[[[", "]]]]", "//", "/**/", "'", "true", "nul", "\r", "\n", "\t",
    "\u{0}", "\u{c}", "\u{b}", "\u{7f}", "\u{a0}", "\u{2028}", "\u{feff}", "é", "😀", "1E400", "9007199254740993",
    "\r\n", " ",
  ].map { Bytes($0.utf8) }
  private static let nastyBytes: [Bytes] =
    [
      [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0xe2, 0x82], [0xef, 0xbb, 0xbf],
      [0x80], [0xfe, 0xff], [0xf0, 0x9f, 0x98], [0xed, 0xbf, 0xbf], [0xe0, 0x80, 0xaf],
    ] + [120, 127, 128, 129, 140].map { Bytes(repeating: UInt8(ascii: "["), count: $0) }

  /// A document with one to three things done to it.
  static func random(using random: inout SeededRandom) -> Bytes {
    var bytes = SampleJSON.random(depth: 4, using: &random).spelled(using: &random)
    for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&bytes, using: &random) }
    return bytes
  }

  /// A document that goes to about the depth that is allowed, well closed.
  static func deep(using random: inout SeededRandom) -> Bytes {
    let depth = Int.random(in: 120...136, using: &random)
    let isArray = (0..<depth).map { _ in random.oneIn(2) }
    var bytes = Bytes(isArray.map { $0 ? "[" : #"{"a":"# }.joined().utf8)
    bytes += SampleJSON.random(depth: 0, using: &random).spelled(using: &random)
    bytes += Bytes(isArray.reversed().map { $0 ? "]" : "}" }.joined().utf8)
    return bytes
  }

  private static func mutate(_ bytes: inout Bytes, using random: inout SeededRandom) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let isInside = place < bytes.count
    switch Int.random(in: 0..<8, using: &random) {
    case 0 where isInside: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where isInside: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2 where isInside: bytes.remove(at: place)
    case 3 where isInside: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
    case 4 where isInside: bytes.insert(bytes[place], at: place)
    case 5 where isInside:
      // A piece of the document itself, such as a whole member, once more.
      let end = min(bytes.count, place + Int.random(in: 1...30, using: &random))
      bytes.insert(contentsOf: bytes[place..<end], at: end)
    case 6: bytes.insert(contentsOf: random.pick(nastyBytes), at: random.oneIn(4) ? 0 : place)
    default: bytes.insert(contentsOf: random.pick(nasty), at: place)
    }
  }
}
