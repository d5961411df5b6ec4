import Foundation
import Testing

@testable import GuardCore

/// The command line: what is told, where, and with which status.
@Suite(.serialized)
struct DoorTests {
  #if os(Linux)
    private static let noLifeline = "there is no command lifeline"
  #else
    private static let noLifeline = "lifeline is for the guard itself to use"
  #endif

  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let message: String
    var testDescription: String { "\(arguments) → \(message)" }
  }

  @Test(arguments: [
    Case(arguments: [], message: "no command given"),
    Case(arguments: ["rum"], message: "there is no command rum"),
    Case(arguments: ["run"], message: "run needs -- and the server's command"),
    Case(arguments: ["run", "--"], message: "run needs -- and the server's command"),
    Case(arguments: ["run", "cat"], message: "run needs -- and the server's command"),
    Case(arguments: ["run", "--bogus", "x", "--", "cat"], message: "run has no option --bogus"),
    Case(arguments: ["run", "-s", "x", "--", "cat"], message: "run has no option -s"),
    Case(arguments: ["run", "--server", "a", "--server=b", "--", "cat"], message: "--server is given twice"),
    Case(arguments: ["run", "--line-limit", "9GiB", "--", "cat"], message: "--line-limit 9GiB is not a size"),
    Case(arguments: ["run", "--line-limit", "1", "--", "cat"], message: "--line-limit 1 is not a size"),
    Case(arguments: ["run", "--line-limit"], message: "--line-limit needs a value"),
    Case(arguments: ["version", "x"], message: "version takes no x"),
    Case(arguments: ["help", "x"], message: "there is no command x"),
    Case(arguments: ["completions", "tcsh"], message: "completions are for bash, zsh or fish"),
    Case(arguments: ["lifeline", "1", "2"], message: "\(noLifeline)"),
    Case(arguments: ["\u{1b}[2J"], message: "there is no command \\u{1b}[2J"),
  ])
  func `wrong usage is told on stderr, with a hint, and ends with 2`(usage: Case) throws {
    let process = try GuardProcess(arguments: usage.arguments)
    process.closeInput()
    let ended = try process.end()
    #expect(ended.status == .exited(code: 2))
    #expect(ended.output == "")
    let lines = ended.error.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("mcp-guard: error: \(usage.message)") == true, "\(ended.error)")
    #expect(lines.last?.hasPrefix("mcp-guard: hint: ") == true)
    #expect(!ended.error.contains("\u{1b}"))
  }

  @Test(arguments: [["help"], ["--help"], ["help", "run"], ["run", "--help"], ["version"], ["--version"]])
  func `what is asked for is told on stdout`(arguments: [String]) throws {
    let ended = try GuardProcess(arguments: arguments).end()
    #expect(ended.status == .exited(code: 0))
    #expect(ended.output.hasSuffix("\n") && ended.error == "")
  }

  @Test func `every command has a page and stands in the overview`() throws {
    let overview = try GuardProcess("help").end().output
    for name in ["run", "help", "version", "completions"] {
      #expect(overview.contains("mcp-guard \(name)"))
      #expect(try GuardProcess("help", name).end().output.hasPrefix("usage: mcp-guard \(name)"))
    }
  }

  @Test func `bash completes commands and options`() throws {
    let completions = try GuardProcess("completions", "bash").end().output
    let script = """
      \(completions)
      COMP_WORDS=(mcp-guard run --s); COMP_CWORD=2; _mcp_guard; echo "${COMPREPLY[@]}" >&2
      COMP_WORDS=(mcp-guard v); COMP_CWORD=1; _mcp_guard; echo "${COMPREPLY[@]}" >&2
      """
    #expect(try GuardProcess("--", "bash", "-c", script).end().error == "--server\nversion\n")
  }

  @Test func `run takes its options in both forms, and an equals sign in a value`() throws {
    for option in [["--server", "a=b"], ["--server=a=b"]] {
      let process = try GuardProcess(arguments: ["run"] + option + ["--line-limit=1MiB", "--", "no-such-command"])
      process.closeInput()
      #expect(try process.end().status == .exited(code: 127))
    }
  }
}
