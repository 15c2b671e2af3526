import Glibc

/// Reading and writing whole files and directories in tests, by path.
package enum FileTree {
  /// The bytes of the file at `path`.
  package static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw TestFailure.system("open", path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    guard ferror(file) == 0 else { throw TestFailure.system("read", path) }
    return bytes
  }

  /// The text of the file at `path`; bytes that are not UTF-8 become U+FFFD.
  package static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

  /// Writes the file, over an older one, with the directories above it.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    try makeDirectory(parent(of: path))
    guard let file = fopen(path, "wb") else { throw TestFailure.system("create", path) }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count else { throw TestFailure.system("write", path) }
  }

  /// Writes text as UTF-8.
  package static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

  /// Makes the directory and those above it; one that exists is fine.
  package static func makeDirectory(_ path: String) throws {
    if path.isEmpty || isDirectory(path) { return }
    try makeDirectory(parent(of: path))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw TestFailure.system("mkdir", path) }
  }

  /// True for a directory, symbolic links not followed.
  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// True when something stands at `path`, symbolic links not followed.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Names in the directory, in byte order, without `.` and `..`; none when it does not exist.
  package static func names(in directory: String) -> [String] {
    guard let handle = opendir(directory) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Paths of all files below the directory, relative to it, in byte order; empty directories do not show.
  package static func files(below directory: String) -> [String] {
    names(in: directory).flatMap { name in
      let path = "\(directory)/\(name)"
      return isDirectory(path) ? files(below: path).map { "\(name)/\($0)" } : [name]
    }
  }

  /// All files below the directory with their bytes, by relative path.
  package static func contents(below directory: String) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for path in files(below: directory) { contents[path] = try read("\(directory)/\(path)") }
    return contents
  }

  /// Copies all files below `source` into `destination`, over those of the same name.
  package static func copy(_ source: String, into destination: String) throws {
    for path in files(below: source) { try write(try read("\(source)/\(path)"), to: "\(destination)/\(path)") }
  }

  /// Removes a file, or a directory with everything in it. What can not be removed stays.
  package static func remove(_ path: String) {
    if isDirectory(path) {
      for name in names(in: path) { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[..<slash])
  }
}
