/// Numbers as JSON spells them; their value is nobody's business here.
enum JSONNumber {
  /// Reads the number at `start`: where it ends, and whether it has neither fraction nor exponent.
  static func scan(_ text: Span<UInt8>, _ start: Int) throws(Fault) -> (end: Int, isInteger: Bool) {
    func byte(_ position: Int) -> UInt8 { position < text.count ? text[position] : 0 }
    func isDigit(_ position: Int) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(position)) }
    func endOfDigits(_ position: Int) throws(Fault) -> Int {
      guard isDigit(position) else { throw Fault(position < text.count ? .badNumber : .truncated, at: position) }
      var end = position + 1
      while isDigit(end) { end += 1 }
      return end
    }

    var position = start
    if byte(position) == UInt8(ascii: "-") { position += 1 }
    if byte(position) == UInt8(ascii: "I") { throw Fault(.notANumber, at: start) }
    if byte(position) == UInt8(ascii: "0") {
      position += 1
      if isDigit(position) { throw Fault(.badNumber, at: start) }
    } else {
      position = try endOfDigits(position)
    }
    var isInteger = true
    if byte(position) == UInt8(ascii: ".") {
      position = try endOfDigits(position + 1)
      isInteger = false
    }
    if byte(position) | 0x20 == UInt8(ascii: "e") {
      position += 1
      if byte(position) == UInt8(ascii: "+") || byte(position) == UInt8(ascii: "-") { position += 1 }
      position = try endOfDigits(position)
      isInteger = false
    }
    return (position, isInteger)
  }
}
