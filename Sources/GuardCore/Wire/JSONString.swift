/// What stands between the quotes of a JSON string.
package enum JSONString {
  /// Reads the string whose quote is at `start`: where it ends, and whether it has escapes.
  static func scan(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> (end: Int, isEscaped: Bool) {
    var position = start + 1
    var isEscaped = false
    while true {
      position = ByteSearch.endOfPlainText(in: text, from: position)
      guard position < text.count else { throw Fault(.truncated, at: position) }
      switch text[position] {
      case UInt8(ascii: "\""): return (position + 1, isEscaped)
      case UInt8(ascii: "\\"):
        isEscaped = true
        position = try endOfEscape(text, position)
      case UInt8(ascii: "\r"): throw Fault(.loneCarriageReturn, at: position)
      case 0x80...:
        repeat {
          guard let length = UTF8Sequence.length(in: text, at: position) else {
            throw Fault(.invalidUTF8, at: position)
          }
          position += length
        } while position < text.count && text[position] >= 0x80
      default: throw Fault(.controlCharacter, at: position)
      }
    }
  }

  /// Where the escape at `start` ends; a surrogate pair is one escape.
  private static func endOfEscape(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> Int {
    guard start + 1 < text.count else { throw Fault(.truncated, at: text.count) }
    switch text[start + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"):
      let unit = try codeUnit(text, start)
      switch unit {
      case 0xd800...0xdbff:
        let second = start + 6
        guard second + 1 < text.count, text[second] == UInt8(ascii: "\\"), text[second + 1] == UInt8(ascii: "u"),
          (0xdc00...0xdfff).contains(try codeUnit(text, second))
        else { throw Fault(.loneSurrogate, at: start) }
        return start + 12
      case 0xdc00...0xdfff: throw Fault(.loneSurrogate, at: start)
      default: return start + 6
      }
    default: throw Fault(.badEscape, at: start)
    }
  }

  /// The number in the `\uXXXX` at `start`.
  private static func codeUnit(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> UInt32 {
    guard start + 6 <= text.count else { throw Fault(.truncated, at: text.count) }
    var unit: UInt32 = 0
    for index in (start + 2)..<(start + 6) {
      guard let digit = hexDigit(text[index]) else { throw Fault(.badEscape, at: start) }
      unit = unit << 4 | digit
    }
    return unit
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Appends what the string means; `content` must be what a scanner has found to be one.
  package static func decode(_ text: Span<UInt8>, _ content: Range<Int>, to bytes: inout Bytes) {
    var position = content.lowerBound
    while position < content.upperBound {
      let byte = text[position]
      if byte != UInt8(ascii: "\\") {
        bytes.append(byte)
        position += 1
        continue
      }
      switch text[position + 1] {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0c)
      case UInt8(ascii: "n"): bytes.append(0x0a)
      case UInt8(ascii: "r"): bytes.append(0x0d)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        // The scanner has seen that these are digits and that surrogates come in pairs.
        let unit = (try? codeUnit(text, position)) ?? 0xfffd
        if (0xd800...0xdbff).contains(unit) {
          let second = (try? codeUnit(text, position + 6)) ?? 0xdc00
          UTF8Sequence.append(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00), to: &bytes)
          position += 12
        } else {
          UTF8Sequence.append(unit, to: &bytes)
          position += 6
        }
        continue
      default: bytes.append(text[position + 1])
      }
      position += 2
    }
  }

  /// Appends `bytes` as a JSON string, quotes and all, with no more escapes than it needs.
  package static func encode(_ bytes: Bytes, to output: inout Bytes) {
    let digits: [UInt8] = Array("0123456789abcdef".utf8)
    output.append(UInt8(ascii: "\""))
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case ..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// Whether the bytes of `range` are exactly `name`.
  package static func matches(_ name: StaticString, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    if range.count != name.utf8CodeUnitCount { return false }
    return name.withUTF8Buffer { letters in
      for index in 0..<range.count where unsafe letters[index] != text[range.lowerBound + index] { return false }
      return true
    }
  }
}
