/// What follows the drop's number in the name of a segment that it wrote.
enum SegmentSuffix: String, CaseIterable {
  /// What the drop says.
  case records = ""
  /// Tombstones of keys that vanished.
  case removals = "r"
  /// Members of groups that had been withheld and went out with their group.
  case settled = "g"
  /// Overlays merged into one.
  case merged = "m"
  /// Base and overlays merged.
  case base = "b"

  /// Before the number of times that a snapshot was made again: its one segment is nobody's but the ledger's.
  static let rebuilt = "v"
}
