/// Characters as UTF-8 spells them, and only as RFC 3629 allows: nothing overlong, no surrogates, nothing past U+10FFFF.
package enum UTF8Sequence {
  /// How long the well-formed sequence at `index` is, or nil where there is none.
  package static func length(in bytes: Span<UInt8>, at index: Int) -> Int? {
    let lead = bytes[index]
    // The second byte's range is what keeps overlong forms and surrogates out.
    let (length, second): (Int, ClosedRange<UInt8>)
    switch lead {
    case 0x00...0x7f: return 1
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xe1...0xec, 0xee...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return nil
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
    for offset in 2..<max(2, length) where !(0x80...0xbf).contains(bytes[index + offset]) { return nil }
    return length
  }

  /// Appends the character `scalar`, which must not be a surrogate.
  package static func append(_ scalar: UInt32, to bytes: inout Bytes) {
    switch scalar {
    case ..<0x80: bytes.append(UInt8(scalar))
    case ..<0x800:
      bytes.append(0xc0 | UInt8(scalar >> 6))
      bytes.append(0x80 | UInt8(scalar & 0x3f))
    case ..<0x10000:
      bytes.append(0xe0 | UInt8(scalar >> 12))
      bytes.append(0x80 | UInt8(scalar >> 6 & 0x3f))
      bytes.append(0x80 | UInt8(scalar & 0x3f))
    default:
      bytes.append(0xf0 | UInt8(scalar >> 18 & 0x07))
      bytes.append(0x80 | UInt8(scalar >> 12 & 0x3f))
      bytes.append(0x80 | UInt8(scalar >> 6 & 0x3f))
      bytes.append(0x80 | UInt8(scalar & 0x3f))
    }
  }
}
