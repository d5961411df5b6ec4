import GuardCore

@main
struct MCPGuard {
  static func main() {
    do throws(Failure) {
      try Command.run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      error.report()
      ThisProcess.exit(error.status.rawValue)
    }
    ThisProcess.exit(ExitCode.done.rawValue)
  }
}
