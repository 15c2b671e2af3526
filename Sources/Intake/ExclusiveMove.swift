import Glibc
import Streams

/// Moving a file without ever replacing another, also between file systems.
enum ExclusiveMove {
  /// Renames `source` to `target`, or copies it where they lie on different file systems: copy, fsync, rename,
  /// compare, unlink. The directory of `target` must exist. When `durable`, a copy is synced, and so are both
  /// directories unless `syncsNames` is false and the caller syncs them.
  static func move(
    _ source: String, to target: String, durable: Bool, syncsNames: Bool = true
  ) throws(SluiceError) -> FileCalls.MoveOutcome {
    switch try ExclusiveRename.rename(source, to: target) {
    case .absent: return .absent
    case .taken: return .taken
    case .otherDevice:
      guard try copyAcross(source, to: target, durable: durable) else { return .taken }
    case .renamed: break
    }
    if durable && syncsNames {
      try FileCalls.syncDirectory(FileCalls.parent(target))
      try FileCalls.syncDirectory(FileCalls.parent(source))
    }
    return .moved
  }

  /// The way between file systems; false when `target` is taken. The copy grows under a dot name in the target's
  /// directory, so that nobody takes half of it.
  static func copyAcross(_ source: String, to target: String, durable: Bool) throws(SluiceError) -> Bool {
    guard let before = try FileCalls.status(source), FileCalls.isRegular(before) else {
      throw SluiceError.system("copy", path: source, errno: ENOENT)
    }
    let growing = "\(FileCalls.parent(target))/.moving-\(before.st_dev)-\(before.st_ino)"
    try FileCalls.remove(growing)
    do throws(SluiceError) {
      try FileCalls.copy(source, to: growing, durable: durable)
    } catch {
      // A full disk is not left fuller; that the copy failed is what there is to say.
      unlink(growing)
      throw error
    }
    guard try ExclusiveRename.rename(growing, to: target) == .renamed else {
      try FileCalls.remove(growing)
      return false
    }
    if durable { try FileCalls.syncDirectory(FileCalls.parent(target)) }
    guard try FileCalls.haveSameBytes(source, target) else {
      try FileCalls.remove(target)
      throw SluiceError(
        .environment, "copy-differs", file: target, cause: "the copy of \(source) does not hold the same bytes",
        remedy: "check the disk and the mount, and that nothing writes to the file, then run again")
    }
    try FileCalls.remove(source)
    return true
  }
}
