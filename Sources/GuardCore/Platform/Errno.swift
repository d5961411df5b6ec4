#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  #error("mcp-guard needs a POSIX C library")
#endif

/// What a system call said when it failed.
package struct Errno: Error, Equatable, Sendable {
  package let code: Int32

  package init(code: Int32) { self.code = code }

  /// The error of the call that failed last on this thread.
  package static var last: Errno { Errno(code: errno) }

  package static var interrupted: Errno { Errno(code: EINTR) }
  package static var wouldBlock: Errno { Errno(code: EAGAIN) }
  package static var noSuchFile: Errno { Errno(code: ENOENT) }
  package static var notExecutableFormat: Errno { Errno(code: ENOEXEC) }
  package static var accessDenied: Errno { Errno(code: EACCES) }

  /// The C library's own words, in lower case as all of the guard's messages are.
  package var text: String {
    guard let words = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: words).lowercased()
  }
}
