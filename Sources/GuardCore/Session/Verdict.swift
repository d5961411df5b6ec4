/// What becomes of a line.
package enum Verdict: Equatable, Sendable {
  /// It goes on, byte for byte.
  case forward
  /// It carries nothing, and nobody needs to hear of it.
  case ignore
  /// It doesn't go on; `answer`, if any, goes back to whoever sent it.
  case refuse(Flaw, answer: Bytes?)
  /// `instead` goes on in its place; a flaw says what was wrong with it, and `answer` goes back.
  case replace(Flaw?, instead: Bytes, answer: Bytes?)
}
