#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Finds and starts a command by its name, exactly as `execvp` would.
package enum CommandSearch {
  package static func start(_ command: [NativeText], wiring: ChildProcess.Wiring) throws(Errno) -> Int32 {
    guard let name = command.first, !name.isEmpty else { throw .noSuchFile }
    if name.contains(UInt8(ascii: "/")) { return try startFile(name, command, wiring) }

    // As `execvp`: a forbidden file is passed over but remembered, and every kind of absence is simply passed over.
    var failure = Errno.noSuchFile
    for folder in folders() {
      let candidate = (folder.isEmpty ? "." : folder) + "/" + name
      if unsafe access(candidate.units, X_OK) != 0 {
        if Errno.last == .accessDenied { failure = .accessDenied }
        continue
      }
      do throws(Errno) {
        return try startFile(candidate, command, wiring)
      } catch {
        switch error.code {
        case EACCES: failure = error
        case ENOENT, ENOTDIR, ESTALE, ENODEV, ETIMEDOUT: continue
        default: throw error
        }
      }
    }
    throw failure
  }

  private static func folders() -> [NativeText] {
    let path = NativeText.environmentVariable("PATH") ?? "/bin:/usr/bin"
    return path.split(at: UInt8(ascii: ":"))
  }

  /// Starts the file; one without a `#!` line that is no binary either is a script for the shell.
  private static func startFile(
    _ path: NativeText, _ command: [NativeText], _ wiring: ChildProcess.Wiring
  ) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try ChildProcess.start(path, arguments: command, wiring: wiring)
    } catch .notExecutableFormat {
      return try ChildProcess.start("/bin/sh", arguments: ["sh", path] + command.dropFirst(), wiring: wiring)
    }
  }
}
