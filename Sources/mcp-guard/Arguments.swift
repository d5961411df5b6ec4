/// The words behind a command's name, as its options and the rest.
struct Arguments {
  private(set) var values: [String: String] = [:]
  /// What is no option, up to `--`.
  private(set) var operands: [String] = []
  /// What stands behind `--`, untouched; nil without one.
  private(set) var trailing: [String]?

  /// Reads `--name value` and `--name=value`, and knows no other options than those of `command`.
  init(_ words: [String], of command: Command) throws(Failure) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        trailing = Array(rest)
        return
      }
      guard word.hasPrefix("-") && word != "-" else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts[0].hasPrefix("--"), let option = command.options.first(where: { "--" + $0.name == parts[0] }) else {
        throw .usage("\(command.name) has no option \(parts[0])", hint: "see mcp-guard help \(command.name)")
      }
      guard values[option.name] == nil else { throw .usage("--\(option.name) is given twice") }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw .usage("--\(option.name) needs a value", hint: "--\(option.name) \(option.value)")
      }
      values[option.name] = value
    }
  }

  /// The words, for a command that takes no options.
  func expect(operands most: Int, of command: Command) throws(Failure) {
    guard operands.count <= most, trailing == nil else {
      throw .usage(
        "\(command.name) takes no \(trailing == nil ? operands[most] : "--")",
        hint: "see mcp-guard help \(command.name)")
    }
  }
}
