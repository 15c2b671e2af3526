import Foundation

/// The little that the benchmark does with files.
enum Files {
  /// The text of a file.
  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  /// Length in bytes; 0 for a file that does not exist.
  static func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// True when there is something at `path`.
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Paths of the files below a directory, at any depth; none when it does not exist.
  static func all(below directory: String) -> [String] {
    (FileManager.default.subpaths(atPath: directory) ?? []).sorted().map { "\(directory)/\($0)" }
  }

  /// Bytes of all files below a directory.
  static func total(below directory: String) -> Int { all(below: directory).reduce(0) { $0 + size($1) } }

  /// Writes a text.
  static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// Makes a directory, with those above it.
  static func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Makes an empty directory in place of whatever is there.
  static func makeFresh(_ path: String) throws {
    if exists(path) { try FileManager.default.removeItem(atPath: path) }
    try makeDirectory(path)
  }

  /// Copies a file or a directory.
  static func copy(_ source: String, to destination: String) throws {
    try Measured.succeed(["cp", "-a", "--reflink=auto", source, destination])
  }

  /// Gives a file a second name, which costs nothing and leaves it in the page cache.
  static func link(_ source: String, to destination: String) throws {
    try FileManager.default.linkItem(atPath: source, toPath: destination)
  }

  /// Removes a file or a directory.
  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
