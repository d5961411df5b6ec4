/// Bytes that are the guard's own, as opposed to a `Span` of bytes that are only lent to it.
package typealias Bytes = ContiguousArray<UInt8>

/// Numbers that nobody can guess, to keep hash tables safe from chosen keys.
package enum Randomness {
  package static func word() -> UInt64 { UInt64.random(in: .min ... .max) }
}
