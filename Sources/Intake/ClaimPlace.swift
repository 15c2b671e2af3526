import Glibc
import Streams

/// A drop that was moved out of its writer's reach.
package struct ClaimedFile: Equatable, Sendable {
  /// Path of the data.
  package var path: String
  /// The drop's own directory below `work/`.
  package var directory: String
  /// Identity of the data now; another than in the inbox when it came from another file system.
  package var identity: FileIdentity
}

/// Takes files from the inbox into `work/DROP/data` and on to where they belong; never replaces, never follows links.
///
/// Each move may be repeated after a crash with the same drop number: a move that was made counts as made.
package struct ClaimPlace: Sendable {
  private let inbox: String
  private let work: String
  private let isDurable: Bool

  /// Between the directories `inbox` and `work`; `durable` syncs what was moved.
  package init(inbox: String, work: String, durable: Bool = true) {
    self.inbox = inbox
    self.work = work
    isDurable = durable
  }

  /// The directory of a drop below `work/`.
  package func directory(of drop: Int) -> String { "\(work)/\(SafeName.number(drop))" }

  /// The claimed data of a drop.
  package func dataPath(of drop: Int) -> String { directory(of: drop) + "/data" }

  /// Moves the candidate into the drop's directory, its marker after it.
  ///
  /// Throws `.incomplete` `changed-while-claiming`, with the file back in the inbox, when it is not what the scan saw.
  package func claim(_ candidate: Candidate, drop: Int) throws(SluiceError) -> ClaimedFile {
    let source = try inboxPath(candidate.name)
    let data = dataPath(of: drop)
    try FileCalls.makeDirectory(directory(of: drop), durable: isDurable)
    let seen = try FileCalls.status(source)
    if seen == nil, let claimed = try claimedFile(drop) {
      // A crash came between this move and whatever was to follow it.
      try claimMarker(candidate.marker, drop: drop)
      return claimed
    }
    guard let seen, FileCalls.isRegular(seen), FileIdentity(seen) == candidate.identity else {
      try removeDirectoryIfEmpty(drop)
      throw changed(candidate.name)
    }
    switch try moveClaimed(source, to: data, name: candidate.name) {
    case .moved: break
    case .absent:
      try removeDirectoryIfEmpty(drop)
      throw changed(candidate.name)
    case .taken:
      // A copy from another file system was cut short before its source was removed, or the number is in use.
      guard try FileCalls.haveSameBytes(source, data) else {
        throw taken(data, "drop-number-taken", "another file was claimed under the drop's number")
      }
      try FileCalls.remove(source)
    }
    try verify(candidate, drop: drop)
    try claimMarker(candidate.marker, drop: drop)
    guard let claimed = try claimedFile(drop) else { throw SluiceError.system("stat", path: data, errno: ENOENT) }
    return claimed
  }

  /// Copies a file from outside the inbox into the drop's directory, and leaves it where it is. A copy that was cut
  /// short is begun anew.
  package func claimCopy(of path: String, drop: Int) throws(SluiceError) {
    try FileCalls.makeDirectory(directory(of: drop), durable: isDurable)
    let temporary = directory(of: drop) + "/data.part"
    try FileCalls.remove(temporary)
    let input = try InputFile(path: path)
    let output = try OutputFile(path: temporary)
    let buffer = ByteArena(capacity: 1 << 20)
    while true {
      buffer.removeAll()
      try buffer.fill(upTo: 1 << 20) { (room) throws(SluiceError) in try input.read(into: room, upTo: 1 << 20) }
      if buffer.count == 0 { break }
      try output.append(buffer)
    }
    try finishCopy(output, temporary, drop: drop)
  }

  /// Makes `content` the data of a drop. Throws as `claimCopy`.
  package func claimContent(_ content: [UInt8], drop: Int) throws(SluiceError) {
    try FileCalls.makeDirectory(directory(of: drop), durable: isDurable)
    let temporary = directory(of: drop) + "/data.part"
    try FileCalls.remove(temporary)
    let output = try OutputFile(path: temporary)
    let buffer = ByteArena(capacity: content.count + 1)
    content.withView { buffer.append($0) }
    try output.append(buffer)
    try finishCopy(output, temporary, drop: drop)
  }

  private func finishCopy(_ output: OutputFile, _ temporary: String, drop: Int) throws(SluiceError) {
    try output.finish(durable: isDurable)
    if try ExclusiveMove.move(temporary, to: dataPath(of: drop), durable: isDurable) == .taken {
      throw taken(
        dataPath(of: drop), "drop-number-taken", "another file was claimed under the drop's number")
    }
  }

  /// Whether a marker was moved into `work/` with the drop.
  package func hasMarker(of drop: Int) -> Bool { (try? FileSystem.status(of: markerPath(drop))) ?? nil != nil }

  /// Moves a file that was stored earlier into the drop's directory, when it is still the one that was looked at; a
  /// move that was made counts as made. Throws `.incomplete` `changed-while-claiming`.
  package func claimStored(
    _ path: String, _ identity: FileIdentity, name: String, drop: Int
  ) throws(SluiceError) {
    let data = dataPath(of: drop)
    if let status = try FileCalls.status(path) {
      let found = FileIdentity(status)
      guard FileCalls.isRegular(status), found.inode == identity.inode, found.size == identity.size,
        found.modified == identity.modified
      else { throw changed(name) }
    }
    try FileCalls.makeDirectory(directory(of: drop), durable: isDurable)
    switch try ExclusiveMove.move(path, to: data, durable: isDurable) {
    case .moved: return
    case .absent:
      if try claimedFile(drop) != nil { return }
      try removeDirectoryIfEmpty(drop)
      throw changed(name)
    case .taken:
      // A copy to another file system was cut short before its source was removed.
      guard try FileCalls.haveSameBytes(path, data) else {
        throw taken(data, "drop-number-taken", "another file was claimed under the drop's number")
      }
      try FileCalls.remove(path)
    }
  }

  /// Removes what is left of a copy that was cut short.
  package func removePartialCopy(drop: Int) throws(SluiceError) {
    try FileCalls.remove(directory(of: drop) + "/data.part")
  }

  /// Moves the data of a drop back into the inbox under its original name, its marker after it, and removes the
  /// drop's directory when nothing else is in it. Throws `.environment` `inbox-name-taken` and leaves the drop where
  /// it is when the inbox has another file of that name by now.
  package func giveBack(name: String, marker: String? = nil, drop: Int) throws(SluiceError) {
    let target = try inboxPath(name)
    // The data first: a marker must not vouch for another file that has the name by now.
    try moveData(drop, to: target, code: "inbox-name-taken", remedy: "take the other file out of the inbox, then retry")
    if let marker {
      let markerTarget = try inboxPath(marker)
      // A marker that is there already says the same.
      if try ExclusiveMove.move(markerPath(drop), to: markerTarget, durable: isDurable) == .taken {
        try FileCalls.remove(markerPath(drop))
      }
    }
    try removeDirectoryIfEmpty(drop)
  }

  /// Moves the data of a drop to `root/FEED/00000042-NAME`, with a name made safe, and returns the path below `root`.
  /// Throws `.environment` `archive-name-taken`.
  package func store(name: String, feed: String, drop: Int, under root: String) throws(SluiceError) -> String {
    let path = SafeName.storedPath(drop: drop, feed: feed, name: name)
    let target = "\(root)/\(path)"
    try FileCalls.makeDirectory(FileCalls.parent(target), durable: isDurable)
    try moveData(drop, to: target, code: "archive-name-taken", remedy: "move the other file away, then run again")
    try FileCalls.remove(markerPath(drop))
    try removeDirectoryIfEmpty(drop)
    return path
  }

  /// Moves the marker of a claimed drop after it, when a crash came between the two. False when it has none.
  package func completeMarker(_ marker: String, drop: Int) throws(SluiceError) -> Bool {
    // One in the inbox is that of the next file then.
    if try FileCalls.status(markerPath(drop)) != nil { return true }
    try claimMarker(marker, drop: drop)
    return try FileCalls.status(markerPath(drop)) != nil
  }

  /// The marker of a claimed drop; it may not be there.
  package func markerPath(of drop: Int) -> String { markerPath(drop) }

  private func markerPath(_ drop: Int) -> String { directory(of: drop) + "/marker" }

  private func claimMarker(_ marker: String?, drop: Int) throws(SluiceError) {
    guard let marker else { return }
    // Left behind, it would vouch for the next file of that name before that is whole.
    let source = try inboxPath(marker)
    if try ExclusiveMove.move(source, to: markerPath(drop), durable: isDurable) == .taken {
      try FileCalls.remove(source)
    }
  }

  private func moveClaimed(
    _ source: String, to data: String, name: String
  ) throws(SluiceError) -> FileCalls.MoveOutcome {
    do throws(SluiceError) {
      return try ExclusiveMove.move(source, to: data, durable: isDurable)
    } catch {
      // Somebody wrote to the file while it was copied.
      throw error.code == "copy-differs" ? changed(name) : error
    }
  }

  private func claimedFile(_ drop: Int) throws(SluiceError) -> ClaimedFile? {
    guard let status = try FileCalls.status(dataPath(of: drop)), FileCalls.isRegular(status) else { return nil }
    return ClaimedFile(path: dataPath(of: drop), directory: directory(of: drop), identity: FileIdentity(status))
  }

  /// Between the look at the name and its move somebody may have put another file there, or written on.
  private func verify(_ candidate: Candidate, drop: Int) throws(SluiceError) {
    guard let status = try FileCalls.status(dataPath(of: drop)) else { throw changed(candidate.name) }
    let identity = FileIdentity(status)
    let isCopy = identity.device != candidate.identity.device
    if FileCalls.isRegular(status), isCopy ? identity.size == candidate.identity.size : identity == candidate.identity {
      return
    }
    try giveBack(name: candidate.name, drop: drop)
    throw changed(candidate.name)
  }

  private func moveData(_ drop: Int, to target: String, code: String, remedy: String) throws(SluiceError) {
    let data = dataPath(of: drop)
    switch try ExclusiveMove.move(data, to: target, durable: isDurable) {
    case .moved: return
    // Moved before a crash and perhaps taken from there since, or never there.
    case .absent: return
    case .taken:
      guard let there = try FileCalls.status(target), FileCalls.isRegular(there),
        try FileCalls.haveSameBytes(data, target)
      else { throw taken(target, code, "another file has that name", remedy) }
      try FileCalls.remove(data)
    }
  }

  private func removeDirectoryIfEmpty(_ drop: Int) throws(SluiceError) {
    let path = directory(of: drop)
    if rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST { return }
    throw SluiceError.system("rmdir", path: path, errno: errno)
  }

  /// The path of a name in the inbox. A name is one component: what is more comes from a damaged ledger or an attack.
  private func inboxPath(_ name: String) throws(SluiceError) -> String {
    let bytes = name.utf8
    guard !bytes.isEmpty, name != ".", name != "..", !bytes.contains(UInt8(ascii: "/")), !bytes.contains(0) else {
      throw SluiceError(
        .environment, "name-invalid", value: DisplayName.escape(name), cause: "this is no name of a file in the inbox",
        remedy: "check the ledger with ledger verify")
    }
    return "\(inbox)/\(name)"
  }

  private func changed(_ name: String) -> SluiceError {
    SluiceError(
      .incomplete, "changed-while-claiming", file: DisplayName.escape(name),
      cause: "the file changed between the look at the inbox and its claim",
      remedy: "nothing: it is taken once it is quiet")
  }

  private func taken(
    _ path: String, _ code: String, _ cause: String, _ remedy: String = "move the other file away, then run again"
  ) -> SluiceError {
    SluiceError(.environment, code, file: DisplayName.escape(path), cause: cause, remedy: remedy)
  }
}
