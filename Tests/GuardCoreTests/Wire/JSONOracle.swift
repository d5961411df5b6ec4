import Foundation
import GuardCore

/// Other people's JSON parsers, asked about many documents at once.
enum JSONOracle {
  /// What Python made of a document, when it was read as leniently as real servers read.
  struct Reading: Sendable {
    let isAccepted: Bool
    /// What two readers could take differently, found without any code of the guard's.
    let ambiguities: Set<Flaw>
  }

  static let isHere = path(of: "python3") != nil && path(of: "node") != nil

  /// Python's readings, in the order of `documents`.
  static func python(on documents: [Bytes]) throws -> [Reading] {
    try answers(of: "python3", ["-c", pythonProgram], to: documents).map { line in
      let words = line.split(separator: " ")
      return Reading(
        isAccepted: words.first == "yes", ambiguities: Set(words.dropFirst().compactMap { Flaw(rawValue: String($0)) }))
    }
  }

  /// Whether Node accepts each of `documents`.
  static func node(on documents: [Bytes]) throws -> [Bool] {
    try answers(of: "node", ["-e", nodeProgram], to: documents).map { $0 == "yes" }
  }

  private static let pythonProgram = """
    import base64, json, sys

    def read(data):
        found = set()
        if data.startswith(b"\\xef\\xbb\\xbf"):
            found.add("byte-order-mark")
            data = data[3:]
        if b"\\r" in data:
            found.add("lone-carriage-return")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            found.add("invalid-utf-8")
            text = data.decode("utf-8", "replace")

        def check(value):
            if isinstance(value, str) and any(0xd800 <= ord(letter) <= 0xdfff for letter in value):
                found.add("lone-surrogate")

        def pairs(items):
            for key, _ in items:
                check(key)
            if len({key for key, _ in items}) < len(items):
                found.add("duplicate-key")
            return [value for _, value in items]

        def constant(_):
            found.add("not-a-number")

        try:
            value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=len, parse_float=len)
        except (ValueError, RecursionError):
            return ["no", *found]
        level, depth = [value], 0
        while level:
            inside = []
            for value in level:
                check(value)
                if isinstance(value, list):
                    inside.append(value)
            depth += bool(inside)
            level = [element for value in inside for element in value]
        if depth > 128:
            found.add("too-deep")
        return ["yes", *found]

    lines = sys.stdin.read().split("\\n")[:-1]
    print("\\n".join(" ".join(read(base64.b64decode(line))) for line in lines))
    """

  private static let nodeProgram = """
    const lines = require("fs").readFileSync(0, "latin1").split("\\n").slice(0, -1);
    const answers = lines.map((line) => {
      try {
        JSON.parse(new TextDecoder().decode(Buffer.from(line, "base64")));
        return "yes";
      } catch { return "no"; }
    });
    console.log(answers.join("\\n"));
    """

  /// Runs a program once, gives it a line for each document, and takes a line for each.
  private static func answers(of name: String, _ arguments: [String], to documents: [Bytes]) throws -> [String] {
    guard let path = path(of: name) else { return [] }
    let program = Process()
    program.executableURL = URL(fileURLWithPath: path)
    program.arguments = arguments
    let (input, output) = (Foundation.Pipe(), Foundation.Pipe())
    program.standardInput = input
    program.standardOutput = output
    try program.run()
    // Both read everything before they write anything.
    let lines = documents.map { Data($0).base64EncodedString() + "\n" }.joined()
    try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
    try input.fileHandleForWriting.close()
    let answers = try output.fileHandleForReading.readToEnd() ?? Data()
    program.waitUntilExit()
    return String(decoding: answers, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func path(of name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
