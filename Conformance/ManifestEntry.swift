import Foundation

/// One line of `MANIFEST.jsonl`: a file and what has to become of it.
struct ManifestEntry: Decodable {
  /// What two parsers did with the file.
  struct Observed: Decodable {
    /// `ok`, or libxml2's error.
    var libxml2: String?
  }

  /// Path below the folder.
  var path: String
  /// What must become of the file, in words.
  var expected: String
  /// XML: the expectation and both parsers agree.
  var firm: Bool?
  /// What other parsers did; nil for files that none of them was given.
  var observed: Observed?

  /// The entries of a folder's manifest, in its order.
  static func all(in folder: String) throws -> [ManifestEntry] {
    let text = try String(contentsOfFile: "\(folder)/MANIFEST.jsonl", encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(ManifestEntry.self, from: Data($0.utf8))
    }
  }

  /// True for files that only help others: expected results, DTDs, programs.
  var isSupport: Bool {
    ["(expectation file)", "(support file)"].contains { expected.hasPrefix($0) }
  }
}
