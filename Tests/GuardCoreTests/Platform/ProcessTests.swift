import Foundation
import Testing

@testable import GuardCore

struct ProcessTests {
  @Test func `the own process is found, and told from another with its number`() throws {
    let me = try #require(ProcessIdentity(id: ThisProcess.id))
    #expect(me.isAlive)
    #expect(!ProcessIdentity(id: me.id, startTime: me.startTime + 1).isAlive)
    #expect(ProcessIdentity(id: 0x3fff_ffff) == nil)
  }

  @Test(arguments: [
    ("a plain word", "a plain word"), ("\u{1b}[31mred", "\\u{1b}[31mred"), ("line\nline", "line\\u{a}line"),
    ("naïve 漢字", "naïve 漢字"), ("right\u{202e}left", "right\\u{202e}left"),
  ])
  func `text from elsewhere cannot steer a terminal`(text: String, printed: String) {
    #expect(PrintableText.escaped(text) == printed)
  }

  @Test func `a clock that is waited for goes forward`() {
    let start = Instant.now
    #expect(start < start + 1)
    #expect(Instant.now >= start)
  }
}
