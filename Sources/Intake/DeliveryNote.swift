import Foundation
import Streams

/// What a marker says about its data file, by which the file is checked once it was read.
package struct DeliveryNote: Equatable, Sendable {
  /// In which form a marker says it.
  package enum Form: String, CaseIterable, Sendable {
    /// The file's SHA-256 in hexadecimal digits, alone or as sha256sum(1) writes it.
    case sha256
    /// The file's MD5, alone or as md5sum(1) writes it.
    case md5
    /// A JSON object with any of `rows`, `bytes`, `sha256` and `md5`, or with `files`, a list of such objects that each
    /// have the `name` of a file.
    case json
  }

  /// Hashes of the file as it was delivered, in lower-case hexadecimal digits.
  package var sha256: String?
  package var md5: String?
  /// Its length.
  package var bytes: Int?
  /// Its data rows.
  package var rows: Int?

  /// Markers beyond this length are refused.
  package static let maximumBytes = 1 << 20

  /// Reads the content of the marker of the file `name`. Throws `.incomplete` `marker-unreadable`: a marker may still
  /// be being written.
  package init(_ content: [UInt8], form: Form, name: String) throws(SluiceError) {
    switch form {
    case .sha256: sha256 = Self.hash(in: content, digits: 64)
    case .md5: md5 = Self.hash(in: content, digits: 32)
    case .json: readJSON(content, name: name)
    }
    guard sha256 != nil || md5 != nil || bytes != nil || rows != nil else {
      throw SluiceError(
        .incomplete, "marker-unreadable", file: DisplayName.escape(name),
        cause: "the file's marker does not say what its feed expects of it (\(form.rawValue))",
        remedy: "have the marker delivered anew, or correct marker_holds in the feed's definition")
    }
  }

  private mutating func readJSON(_ content: [UInt8], name: String) {
    struct Note: Decodable {
      var name: String?
      var rows: Int?
      var bytes: Int?
      var sha256: String?
      var md5: String?
      var files: [Note]?
    }
    guard let root = try? JSONDecoder().decode(Note.self, from: Data(content)) else { return }
    guard let note = root.files.map({ $0.first { $0.name == name } }) ?? root else { return }
    (rows, bytes) = (note.rows, note.bytes)
    sha256 = note.sha256.flatMap { Self.hash(in: Array($0.utf8), digits: 64) }
    md5 = note.md5.flatMap { Self.hash(in: Array($0.utf8), digits: 32) }
  }

  /// The first word of so many hexadecimal digits.
  private static func hash(in content: [UInt8], digits: Int) -> String? {
    let words = String(decoding: content, as: UTF8.self).split { !$0.isLetter && !$0.isNumber }
    let word = words.first { $0.utf8.count == digits && $0.allSatisfy(\.isHexDigit) }
    return word.map { $0.lowercased() }
  }
}
