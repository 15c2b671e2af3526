import Foundation
import Streams

/// What a publication put into the outbox, for consumers: written last, so that its presence says that all is there.
public struct Manifest: Equatable, Sendable, Codable {
  /// The head of the ledger's chain.
  public struct Chain: Equatable, Sendable, Codable {
    /// Number of the entry.
    public var entry: Int
    /// Its hash in hexadecimal.
    public var hash: String

    /// A head.
    public init(entry: Int, hash: String) {
      self.entry = entry
      self.hash = hash
    }
  }

  /// One file.
  public struct File: Equatable, Sendable, Codable {
    /// Path below the outbox.
    public var path: String
    /// The target, such as `commerce.stock_sources`.
    public var target: String
    /// Rows without the header.
    public var rows: Int
    /// Length in bytes.
    public var bytes: Int
    /// SHA-256 in lower-case hexadecimal.
    public var sha256: String

    /// A file.
    public init(path: String, target: String, rows: Int, bytes: Int, sha256: String) {
      self.path = path
      self.target = target
      self.rows = rows
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// Number of the publication.
  public var publication: Int
  /// The feed.
  public var feed: String
  /// Number of the drop.
  public var drop: Int
  /// Time of the commit, RFC 3339 in UTC.
  public var committedAt: String
  /// The ledger's chain at the commit.
  public var chain: Chain
  /// The files, in the order of import.
  public var files: [File]

  private enum CodingKeys: String, CodingKey {
    case publication, feed, drop, chain, files
    case committedAt = "committed_at"
  }

  /// A manifest; `committedAt` in UTC seconds since 1970.
  public init(publication: Int, feed: String, drop: Int, committedAt: Int64, chain: Chain, files: [File]) {
    self.publication = publication
    self.feed = feed
    self.drop = drop
    self.committedAt = UTCTime(committedAt).rfc3339
    self.chain = chain
    self.files = files
  }

  /// The JSON text: keys sorted, indented, with a line feed at the end.
  public func encoded() throws(SluiceError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self)) + [0x0A]
    } catch {
      throw SluiceError(
        .environment, "manifest-invalid", cause: "the manifest cannot be written as JSON: \(error)",
        remedy: "report this as a defect")
    }
  }

  /// Reads a manifest back. Throws `.environment` `manifest-invalid`.
  public init(decoding bytes: [UInt8], path: String) throws(SluiceError) {
    do {
      self = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
    } catch {
      throw SluiceError(
        .environment, "manifest-invalid", file: path, cause: "the manifest is not one of this program's: \(error)",
        remedy: "restore the file, or take it out of the outbox")
    }
  }
}
