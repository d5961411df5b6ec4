extension Command {
  static let help: Self = Self(
    name: "help",
    synopsis: "[COMMAND]",
    summary: "show the commands, or one of them",
    options: [],
    details: "  mcp-guard help run",
    run: { (words) throws(Failure) in
      let arguments = try Arguments(words, of: .help)
      try arguments.expect(operands: 1, of: .help)
      guard let name = arguments.operands.first else { return Console.out(overview()) }
      guard let command = named(name) else { throw .usage("there is no command \(name)") }
      Console.out(page(of: command))
    })

  private static func overview() -> String {
    var text = """
      mcp-guard stands between an MCP client and a local server, and lets through what can be read in one way only.

      usage:
        mcp-guard -- COMMAND [ARG]...          short for run

      """
    let width = all.map(\.name.count).max() ?? 0
    for command in all {
      let padding = String(repeating: " ", count: width - command.name.count)
      text += "  mcp-guard \(command.name)\(padding)  \(command.summary)\n"
    }
    return text + "\nmore on each: mcp-guard help COMMAND\n"
  }

  private static func page(of command: Command) -> String {
    var text = "usage: mcp-guard \(command.name) \(command.synopsis)\n\n\(command.summary)\n"
    if !command.options.isEmpty { text += "\n" }
    for option in command.options {
      text += "  --\(option.name) \(option.value)\n      \(option.summary)\n"
    }
    return text + "\n\(command.details)\n"
  }
}
