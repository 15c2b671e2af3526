import Outbox
import Streams

/// The staged files of a drop as a directory that moves between `outbox/.staging` and `work/` when a drop is held and
/// released.
enum StagedTree {
  /// Moves every file of `source` into `target`, across file systems too, and removes `source`. May be repeated.
  static func move(from source: String, to target: String, durable: Bool) throws(SluiceError) {
    try FileSystem.makeDirectories(target)
    guard try FileSystem.status(of: source) != nil else { return }
    for name in try FileSystem.list(source).names {
      _ = try Publisher.place(
        "\(source)/\(name)", at: "\(target)/\(name)", takenCode: "staging-name-taken", durable: durable)
    }
    try Publisher.removeTree(source)
  }
}
