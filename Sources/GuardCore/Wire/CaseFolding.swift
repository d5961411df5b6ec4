/// Letters without their case, as parsers that match keys without regard to case fold them.
package enum CaseFolding {
  /// Appends `name` folded: ASCII letters, and the two characters elsewhere in Unicode that fold to ASCII letters.
  package static func fold(_ name: Bytes, to output: inout Bytes) {
    var index = 0
    while index < name.count {
      let byte = name[index]
      if byte == 0xc5, index + 1 < name.count, name[index + 1] == 0xbf {
        output.append(UInt8(ascii: "s"))  // U+017F, the long s
        index += 2
      } else if byte == 0xe2, index + 2 < name.count, name[index + 1] == 0x84, name[index + 2] == 0xaa {
        output.append(UInt8(ascii: "k"))  // U+212A, the Kelvin sign
        index += 3
      } else {
        output.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        index += 1
      }
    }
  }

  /// `name` folded.
  package static func folded(_ name: some Sequence<UInt8>) -> Bytes {
    var output = Bytes()
    fold(Bytes(name), to: &output)
    return output
  }
}
