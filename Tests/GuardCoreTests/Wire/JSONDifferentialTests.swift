import Testing

@testable import GuardCore

@Suite(.enabled(if: JSONOracle.isHere, "python3 and node have to be on the path"))
struct JSONDifferentialTests {
  @Test func `what is accepted is what Python and Node accept and nobody can take differently`() throws {
    let documents = Self.regressions + JSONCase.all.map(\.bytes) + Self.generated
    let python = try JSONOracle.python(on: documents)
    let node = try JSONOracle.node(on: documents)
    try #require(python.count == documents.count)
    try #require(node.count == documents.count)

    var scanner = try JSONScanner(textLimit: 1 << 26)
    var accepted = 0
    var refused: [Flaw: Int] = [:]
    for (index, document) in documents.enumerated() {
      let fault = scanner.fault(in: document)
      let bothAccept = python[index].isAccepted && node[index]
      let ambiguities = python[index].ambiguities
      let text = String(decoding: document.prefix(400), as: UTF8.self).debugDescription
      switch fault?.flaw {
      case nil:
        accepted += 1
        if !bothAccept {
          Issue.record("accepted, but not by Python (\(python[index])) or Node (\(node[index])): \(text)")
        }
        if !ambiguities.isEmpty { Issue.record("accepted with \(ambiguities): \(text)") }
      case let flaw?:
        refused[flaw, default: 0] += 1
        if bothAccept && !ambiguities.contains(flaw) {
          Issue.record("refused for \(flaw), where both accept and the ambiguities are \(ambiguities): \(text)")
        }
      }
    }

    // Otherwise the documents have become too tame or too wild to prove anything.
    #expect(accepted > documents.count / 5)
    for flaw in Self.flaws { #expect(refused[flaw, default: 0] >= 5, "\(flaw)") }
  }

  private static let flaws: [Flaw] = [
    .byteOrderMark, .invalidUTF8, .loneCarriageReturn, .notJSON, .truncated, .trailingContent, .badNumber, .notANumber,
    .controlCharacter, .badEscape, .loneSurrogate, .duplicateKey, .tooDeep,
  ]

  private static var generated: [Bytes] {
    var random = SeededRandom(seed: 20_261_120)
    return (0..<4000).map { $0 % 40 == 0 ? JSONMutation.deep(using: &random) : JSONMutation.random(using: &random) }
  }

  /// Documents on which parsers are known to differ, or where a mistake would be easy.
  private static let regressions: [Bytes] = [
    #"{"a":1,"\u0061":2}"#, #"{"\ud83d\ude00":1,"😀":2}"#, #"{"\ud83d":1,"\ud83d":2}"#, #"["\ud83d","\ude00"]"#,
    #""\ud83d\u""#, #""\ud83d\\ude00""#, #"{"a":{"b":1},"a":{"c":2}}"#, "1e99999", "-0", "-0.0e-0", "[1]⟨00⟩",
    "⟨ef bb bf⟩{}", "{}⟨ef bb bf⟩", "⟨ef bb bf⟩", "\"⟨ef bb bf⟩\"", "[1,\r\n2]", "\"\r\"", "\"\u{2028}\"", "\u{2028}1",
    "\"⟨7f⟩\"", "\"⟨c2 80⟩\"", "\"⟨ed a0 bd ed b8 80⟩\"", "\"⟨c0 af⟩\"", #"{"__proto__":1,"__proto__":2}"#,
    #"{"constructor":1}"#, "NaN", "[-NaN]", "[-Infinity]", "[Infinity,NaN]", "\"⟨f8 88 80 80 80⟩\"", "１", "[١]", "[1٠]",
    "1⟨c2 a0⟩", "⟨c2 85⟩1", "[1e+]", "[1.e1]", "\u{1c}1", "1\u{1f}", #"{"⟨ff⟩":1,"⟨fe⟩":2}"#, #"{"⟨ff⟩":1,"\ufffd":2}"#,
    "", " ", "\n", "nul", "[nan]", "[None]", "tru⟨ff⟩", #"{"k":1,"K":2,"⟨e2 84 aa⟩":3}"#, #""\u0000""#, "\"⟨00⟩\"",
    #""\u00⟨c3 a9⟩0""#,
  ].map { JSONCase.bytes(of: $0) }
}
