#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files of the system that are read whole.
enum SystemFile {
  static func contents(of path: String) throws(Errno) -> Bytes {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if number < 0 { throw .last }
    let file = Descriptor(owning: number)
    var contents = Bytes()
    while true {
      let piece = try SystemCalls.readOnce(file.number, atMost: 4096)
      if piece.isEmpty { return contents }
      contents.append(contentsOf: piece)
    }
  }
}

extension SystemFile {
  /// Where a symbolic link leads to, as it is written there.
  static func target(ofLink path: String) -> String? {
    var target = [CChar](repeating: 0, count: 256)
    let count = unsafe readlink(path, &target, target.count)
    return count > 0 ? String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }
}

/// The entries of a folder.
enum Folder {
  static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }
}
