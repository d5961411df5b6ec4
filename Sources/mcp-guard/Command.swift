import GuardCore

/// One of the guard's commands: all that is known of it, so that help and completions can't say anything else.
struct Command: Sendable {
  let name: String
  /// What follows the name.
  let synopsis: String
  let summary: String
  let options: [Option]
  /// More about it, with an example, for `help COMMAND`.
  let details: String
  let run: @Sendable (_ arguments: [String]) throws(Failure) -> Void

  /// An option with a value; there is no other kind yet.
  struct Option: Sendable {
    let name: String
    let value: String
    let summary: String
  }

  static let all: [Command] = [.run, .help, .version, .completions]

  static func named(_ name: String) -> Command? { all.first { $0.name == name } }

  /// Runs what the arguments of the program say.
  static func run(_ arguments: [String]) throws(Failure) {
    guard let first = arguments.first else {
      throw .usage(
        "no command given", hint: "mcp-guard run -- COMMAND starts a server behind the guard; see mcp-guard help")
    }
    let rest = Array(arguments.dropFirst())
    switch first {
    // In the place of a server's command the guard needs no more than this.
    case "--": try Command.run.run(arguments)
    case "--help": try Command.help.run(rest)
    case "--version": try Command.version.run(rest)
    #if !os(Linux)
      case Lifeline.command: try watch(rest)
    #endif
    default:
      guard let command = named(first) else {
        throw .usage("there is no command \(first)", hint: suggestion(for: first))
      }
      try rest == ["--help"] ? Command.help.run([command.name]) : command.run(rest)
    }
  }

  private static func suggestion(for name: String) -> String {
    let near = all.first { $0.name.hasPrefix(name.prefix(2)) }
    return near.map { "did you mean mcp-guard \($0.name)" } ?? "see mcp-guard help"
  }

  #if !os(Linux)
    /// The process that takes the server down when the guard was killed; the guard starts it, and nobody else.
    private static func watch(_ arguments: [String]) throws(Failure) {
      guard arguments.isEmpty, !SystemCalls.isTerminal(0) else {
        throw .usage("\(Lifeline.command) is for the guard itself to use")
      }
      Lifeline.run()
    }
  #endif
}
