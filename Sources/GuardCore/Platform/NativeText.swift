#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Text as the system has it: bytes up to a zero, in no encoding. Paths and arguments need not be UTF-8.
package struct NativeText: Sendable, ExpressibleByStringLiteral {
  /// With the zero.
  let units: [CChar]

  private init(units: [CChar]) { self.units = units }

  package init(_ text: String) { units = Array(text.utf8CString) }
  package init(stringLiteral text: String) { self.init(text) }

  /// For people: what isn't UTF-8 is shown as replaced.
  package var text: String { String(decoding: units.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }

  var isEmpty: Bool { units.count == 1 }
  func contains(_ character: UInt8) -> Bool { units.contains(CChar(bitPattern: character)) }

  /// The parts between any two `character`s, empty ones included.
  func split(at character: UInt8) -> [NativeText] {
    units.dropLast().split(separator: CChar(bitPattern: character), omittingEmptySubsequences: false)
      .map { NativeText(units: $0 + [0]) }
  }

  static func + (left: NativeText, right: NativeText) -> NativeText {
    NativeText(units: left.units.dropLast() + right.units)
  }

  /// The arguments of this program, its name first.
  package static var arguments: [NativeText] {
    let pointers = unsafe CommandLine.unsafeArgv
    return (0..<Int(CommandLine.argc)).compactMap { index in
      unsafe pointers[index].map {
        unsafe NativeText(units: Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)))
      }
    }
  }

  /// A variable of the environment.
  static func environmentVariable(_ name: String) -> NativeText? {
    unsafe getenv(name).map { unsafe NativeText(units: Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))) }
  }
}
