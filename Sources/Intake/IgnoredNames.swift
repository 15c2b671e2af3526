/// Names that are never taken, whatever the patterns say: files that somebody is still writing, and companions that
/// only say something about another file.
package enum IgnoredNames {
  /// Suffixes under which uploading clients and editors write until they are done.
  package static let temporarySuffixes = [
    ".part", ".tmp", ".filepart", ".crdownload", ".uploading", ".partial", ".swp",
  ]
  /// Suffixes of markers, control files and checksums.
  package static let companionSuffixes = [
    ".ok", ".done", ".ready", ".trg", ".fin", ".ctl", ".md5", ".sha256", ".sha1", ".lck",
  ]

  /// True when a file or directory of this name is passed over without a word.
  package static func isIgnored(_ name: String) -> Bool { rule(start: name, end: name) != nil }

  /// What makes every name with this start and this end an ignored one, else nil.
  static func rule(start: String, end: String) -> String? {
    if start.utf8.first == UInt8(ascii: ".") { return "." }
    if start.utf8.first == UInt8(ascii: "~") || end.utf8.last == UInt8(ascii: "~") { return "~" }
    let end = end.lowercased()
    return (temporarySuffixes + companionSuffixes).first { end.hasSuffix($0) }
  }
}
