import GuardCore

/// How the guard ends when the server's own status is not what counts.
enum ExitCode: Int32 {
  case done = 0
  case usage = 2
  case internalFault = 70
  case commandNotFound = 127
}

/// What is told to a person before the guard ends: lower case, no full stop, one thing that is wrong and one to do.
struct Failure: Error {
  let message: String
  let hint: String?
  let status: ExitCode

  static func usage(_ message: String, hint: String? = nil) -> Failure {
    Failure(message: message, hint: hint ?? "see mcp-guard help", status: .usage)
  }

  func report() {
    Console.error("mcp-guard: error: \(PrintableText.escaped(message))\n")
    if let hint { Console.error("mcp-guard: hint: \(PrintableText.escaped(hint))\n") }
  }
}

/// Text for the person at the other end of stdout or stderr.
enum Console {
  static func out(_ text: String) { write(text, to: 1) }
  static func error(_ text: String) { write(text, to: 2) }

  private static func write(_ text: String, to descriptor: Int32) {
    // Nobody is left to be told when this fails.
    try? SystemCalls.write(Bytes(text.utf8).span, to: descriptor)
  }
}
