import Intake
import Streams

/// Where the files of drops are in archive and quarantine.
enum StoredDrops {
  /// Where below `root` the file of a drop may be: in the directory of its feed, or, since a feed that was renamed
  /// stores under its new name, in any other.
  static func candidates(drop: Int, feed: String, name: String, under root: String) throws(SluiceError) -> [String] {
    let stored = SafeName.storedPath(drop: drop, feed: feed, name: name)
    guard let file = stored.split(separator: "/").last, try FileSystem.status(of: "\(root)/\(stored)") == nil,
      try FileSystem.status(of: root) != nil
    else { return ["\(root)/\(stored)"] }
    return try FileSystem.list(root).names.map { "\(root)/\($0)/\(file)" }
  }

  /// The path of a drop's file below `root`; nil when it is not there any more.
  static func path(drop: Int, feed: String, name: String, under root: String) throws(SluiceError) -> String? {
    for path in try candidates(drop: drop, feed: feed, name: name, under: root) {
      if let status = try FileSystem.status(of: path), status.kind == .file { return path }
    }
    return nil
  }
}
