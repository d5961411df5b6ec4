import GuardCore
import Testing

@Suite struct PrintableTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let shown: String

    init(_ text: String, _ shown: String) {
      self.text = text
      self.shown = shown
    }

    var testDescription: String { shown.isEmpty ? "nothing" : shown }
  }

  static let cases: [Case] = [
    Case("", ""),
    Case("npx -y @scope/server", "npx -y @scope/server"),
    Case("café 日本語 🎉 ~", "café 日本語 🎉 ~"),
    Case("e\u{301}", "e\u{301}"),
    Case("\u{1b}[31mred", "\\u{1b}[31mred"),
    Case("\u{9b}31m", "\\u{9b}31m"),
    Case("line\nbreak\r\t", "line\\u{a}break\\u{d}\\u{9}"),
    Case("\u{0}\u{7}\u{8}\u{7f}", "\\u{0}\\u{7}\\u{8}\\u{7f}"),
    Case("abc\u{202e}fdp.exe", "abc\\u{202e}fdp.exe"),
    Case("zero\u{200b}width\u{200d}\u{feff}", "zero\\u{200b}width\\u{200d}\\u{feff}"),
    Case("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
    Case("\u{2066}isolate\u{2069}", "\\u{2066}isolate\\u{2069}"),
    Case("tag\u{e0041}", "tag\\u{e0041}"),
    Case("\u{e000}\u{f8ff}\u{10fffd}", "\\u{e000}\\u{f8ff}\\u{10fffd}"),
    Case("\u{378}\u{ffff}", "\\u{378}\\u{ffff}"),
    Case("\u{ad}soft", "\\u{ad}soft"),
  ]

  @Test(arguments: cases) func `what could steer a terminal is spelled out`(row: Case) {
    #expect(PrintableText.escaped(row.text) == row.shown)
  }

  @Test func `no character lets a control byte through`() {
    for value in (UInt32(0)...0x3000).map({ $0 }) + [0xfeff, 0xfff9, 0xe0001, 0x1d173] {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let shown = PrintableText.escaped(String(scalar))
      for output in shown.unicodeScalars {
        let category = output.properties.generalCategory
        #expect(category != .control && category != .format, "U+\(String(value, radix: 16))")
      }
    }
  }
}
