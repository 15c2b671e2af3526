import Foundation

/// The bodies of entries, written as canonical JSON: keys sorted, no whitespace, absent values left out.
enum EntryBody {
  /// Of `claimed`.
  struct Claimed: Encodable {
    var file: String
    var mode: String
    /// Present only when it is true.
    var forced: Bool?
    /// Present only when the file is adopted or taken again, or is a request: whose decision that is.
    var decision: Decision?
    /// Present only when the file holds the corrected rejects of that drop.
    var parent: Int?
    /// Present only for a request: what is asked for, and of which drop.
    var request: String?
    var of: Int?
    /// Present only when an earlier drop is taken again.
    var retry: Retry.Body?
  }

  /// Of every outcome of a drop.
  struct Decided: Encodable {
    var status: String
    var reason: String?
    var message: String?
    var publication: Int?
    var decision: Decision?
    /// Hash of the reject file; the keys of the JSON are sorted whatever they are called.
    var rejectSHA256: String?

    private enum CodingKeys: String, CodingKey {
      case status, reason, message, publication, decision
      case rejectSHA256 = "reject_sha256"
    }
  }

  /// Of what a person decides about a feed: `paused`, `resumed`.
  struct Deed: Codable {
    var decision: Decision
  }

  /// Of `rebuilt`.
  struct Rebuilt: Encodable {
    var decision: Decision
    var message: String
  }

  /// Of `definition`.
  struct Definition: Codable, Equatable {
    var hash: String
    var binary: String
    var lookups: [Lookup]

    struct Lookup: Codable, Equatable {
      var path: String
      var hash: String
    }
  }

  /// Of `finished`.
  struct Empty: Encodable {}

  /// Canonical JSON of `body`.
  static func text(_ body: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(body), as: UTF8.self)
  }

  /// The value that canonical JSON stands for.
  static func decode<Body: Decodable>(_ type: Body.Type, _ text: String) throws -> Body {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
