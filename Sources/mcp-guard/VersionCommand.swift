import GuardCore

extension Command {
  static let version: Self = Self(
    name: "version",
    synopsis: "",
    summary: "print the version",
    options: [],
    details: "  mcp-guard version",
    run: { (words) throws(Failure) in
      try Arguments(words, of: .version).expect(operands: 0, of: .version)
      Console.out("mcp-guard \(Version.current)\n")
    })
}
