extension Command {
  static let completions: Self = Self(
    name: "completions",
    synopsis: "bash|zsh|fish",
    summary: "print what makes a shell complete the guard's commands and options",
    options: [],
    details: "  source <(mcp-guard completions bash)",
    run: { (words) throws(Failure) in
      let arguments = try Arguments(words, of: .completions)
      try arguments.expect(operands: 1, of: .completions)
      switch arguments.operands.first {
      case "bash": Console.out(bash())
      case "zsh": Console.out("autoload -U +X bashcompinit && bashcompinit\n" + bash())
      case "fish": Console.out(fish())
      default: throw .usage("completions are for bash, zsh or fish", hint: "mcp-guard completions bash")
      }
    })

  private static func bash() -> String {
    let names = all.map(\.name).joined(separator: " ")
    let cases = all.filter { !$0.options.isEmpty }.map { command in
      "    \(command.name)) words=\"\(command.options.map { "--" + $0.name }.joined(separator: " ")) --\" ;;"
    }
    return """
      _mcp_guard() {
        local words
        case "${COMP_WORDS[1]}" in
      \(cases.joined(separator: "\n"))
          help) words="\(names)" ;;
          completions) words="bash zsh fish" ;;
        esac
        if [ "$COMP_CWORD" -eq 1 ]; then words="\(names)"; fi
        COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
      }
      complete -o default -F _mcp_guard mcp-guard

      """
  }

  private static func fish() -> String {
    var lines = all.map { "complete -c mcp-guard -f -n __fish_use_subcommand -a \($0.name) -d '\($0.summary)'" }
    for command in all {
      for option in command.options {
        lines.append(
          "complete -c mcp-guard -x -n '__fish_seen_subcommand_from \(command.name)' -l \(option.name) -d '\(option.summary)'"
        )
      }
    }
    lines.append("complete -c mcp-guard -f -n '__fish_seen_subcommand_from completions' -a 'bash zsh fish'")
    return lines.joined(separator: "\n") + "\n"
  }
}
