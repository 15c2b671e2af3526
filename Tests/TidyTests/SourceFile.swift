import Foundation

/// One source file of the repository, as text.
struct SourceFile: Sendable {
  /// Path from the repository's root.
  let path: String
  /// Lines without their ends.
  let lines: [String]

  /// The layer: the directory below `Sources`.
  var layer: String { String(path.split(separator: "/")[1]) }

  /// Names of the modules imported, with their lines.
  var imports: [(module: String, line: Int)] {
    lines.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let word = words.firstIndex(of: "import"), words[..<word].allSatisfy({ isImportModifier($0) }) else {
        return nil
      }
      let kinds: Set<Substring> = ["struct", "class", "enum", "func", "var", "let", "typealias", "protocol"]
      guard let name = words[words.index(after: word)...].first(where: { !kinds.contains($0) }) else { return nil }
      return (String(name.prefix { $0 != "." }), index + 1)
    }
  }

  private func isImportModifier(_ word: Substring) -> Bool {
    word.hasPrefix("@") || ["package", "internal", "private", "public", "fileprivate"].contains(word)
  }

  /// All Swift and C files below these directories of the repository, by path.
  static func all(below directories: String...) -> [SourceFile] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let suffixes = [".swift", ".c", ".h"]
    var files: [SourceFile] = []
    for directory in directories {
      let names =
        (try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(directory).path)) ?? []
      for name in names.sorted() where !name.contains(".build") && suffixes.contains(where: name.hasSuffix) {
        let path = "\(directory)/\(name)"
        guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else { continue }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        files.append(SourceFile(path: path, lines: lines))
      }
    }
    return files
  }
}
