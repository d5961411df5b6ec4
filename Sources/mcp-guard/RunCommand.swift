import GuardCore

extension Command {
  static let run: Self = Self(
    name: "run",
    synopsis: "[--server NAME] [--line-limit SIZE] -- COMMAND [ARG]...",
    summary: "start a server behind the guard, in the place of the server itself",
    options: [
      Option(name: "server", value: "NAME", summary: "what to call the server in messages (default: its command)"),
      Option(
        name: "line-limit", value: "SIZE", summary: "the longest line that passes, 1KiB to 1023MiB (default: 64MiB)"),
    ],
    details: """
      stdin and stdout are the client's connection to the server. The guard ends as the server ends: with its exit
      status, or by the same signal. A command that can't be started ends it with 127.

      In a client's configuration, this entry

        "git": { "command": "uvx", "args": ["mcp-server-git"] }

      becomes

        "git": { "command": "mcp-guard", "args": ["run", "--server", "git", "--", "uvx", "mcp-server-git"] }
      """,
    run: { (words) throws(Failure) in try start(words) })

  private static func start(_ words: [String]) throws(Failure) {
    let arguments = try Arguments(words, of: .run)
    guard let command = arguments.trailing, let program = command.first, arguments.operands.isEmpty else {
      throw .usage("run needs -- and the server's command", hint: "mcp-guard run -- COMMAND [ARG]...")
    }
    let name = arguments.values["server"] ?? program.split(separator: "/").last.map(String.init) ?? program
    let lineLimit = try arguments.values["line-limit"].map { (text) throws(Failure) in try size(text) } ?? 64 << 20
    // As the system has them: what stands behind `--` goes on byte for byte.
    let nativeCommand = Array(NativeText.arguments.suffix(command.count))
    do throws(Session.StartFailure) {
      let session = try Session.start(Session.Options(command: nativeCommand, name: name, lineLimit: lineLimit))
      session.run()
    } catch {
      let failure = failure(error, program)
      failure.report()
      FailedStart.answerClient(because: failure.message, lineLimit: lineLimit)
      ThisProcess.exit(failure.status.rawValue)
    }
  }

  private static func failure(_ failure: Session.StartFailure, _ program: String) -> Failure {
    switch failure {
    case .resources(let error):
      return Failure(message: "cannot set up the connection: \(error.text)", hint: nil, status: .internalFault)
    case .command(let error):
      let path = ThisProcess.environmentVariable("PATH") ?? "not set"
      let hint =
        error != .noSuchFile
        ? "check that the file may be executed and is made for this machine"
        : program.contains("/")
          ? "check that the file exists, and the interpreter that its first line may name"
          : "it is in no folder of the PATH that the client gives (\(path)); an absolute path always works"
      return Failure(message: "cannot start \(program): \(error.text)", hint: hint, status: .commandNotFound)
    }
  }

  private static func size(_ text: String) throws(Failure) -> Int {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("", 1)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = Int(text.dropLast(unit.count)), number > 0, number <= 1 << 30 else { break }
      let size = number * factor
      if (1 << 10...1023 << 20).contains(size) { return size }
    }
    throw .usage("--line-limit \(text) is not a size from 1KiB to 1023MiB", hint: "for instance --line-limit 16MiB")
  }
}
