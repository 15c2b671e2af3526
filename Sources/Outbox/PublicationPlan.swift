import Streams

/// Everything that is left to do for a drop once the ledger has committed it: the ledger keeps it, recovery redoes it.
public struct PublicationPlan: Equatable, Sendable, Codable {
  /// One file from where it is to where it belongs.
  public struct Move: Equatable, Sendable, Codable {
    /// Relative path of the source.
    public var from: String
    /// Relative path of the destination.
    public var to: String

    /// A move.
    public init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }

  /// Number of the drop.
  public var drop: Int
  /// The feed.
  public var feed: String
  /// Staged files: from a path below the staging directory to one below the outbox, in the order to publish in.
  public var moves: [Move]
  /// Where the manifest goes, below the outbox; nil when the drop publishes none.
  public var manifestPath: String?
  /// The drop's data: from a path below `work/` to one below `archive/`; nil when it stays.
  public var archive: Move?
  /// File names of the snapshot's segments after this publication, for recovery; the publisher does not touch them.
  public var snapshotSegments: [String]
  /// The staging directory, below the outbox (`.staging/00000042`). It must exist when the plan is committed: a plan
  /// whose staging directory is gone is one that was carried out.
  public var stagingDirectory: String
  /// The drop's directory below `work/`, removed at the end; nil when it stays.
  public var workDirectory: String?

  /// A plan.
  public init(
    drop: Int, feed: String, moves: [Move], manifestPath: String?, archive: Move?, snapshotSegments: [String] = [],
    stagingDirectory: String, workDirectory: String?
  ) {
    self.drop = drop
    self.feed = feed
    self.moves = moves
    self.manifestPath = manifestPath
    self.archive = archive
    self.snapshotSegments = snapshotSegments
    self.stagingDirectory = stagingDirectory
    self.workDirectory = workDirectory
  }

  /// `.staging/00000042`: the staging directory of a drop, below the outbox, so that publishing is a rename.
  public static func stagingDirectory(drop: Int) -> String { ".staging/\(OutboxName.digits(drop, 8))" }

  /// Checks that no path leaves its root. Throws `.environment` `plan-invalid`.
  func check() throws(SluiceError) {
    var paths = moves.flatMap { [$0.from, $0.to] } + [stagingDirectory]
    if let archive { paths += [archive.from, archive.to] }
    if let manifestPath { paths.append(manifestPath) }
    if let workDirectory { paths.append(workDirectory) }
    for path in paths {
      let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      let isInside = parts.allSatisfy { part in
        !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8) && !part.contains(0)
      }
      if !isInside {
        throw SluiceError(
          .environment, "plan-invalid", value: path,
          cause: "a publication of drop \(drop) names a path outside its place",
          remedy: "check the ledger with ledger verify")
      }
    }
  }
}
