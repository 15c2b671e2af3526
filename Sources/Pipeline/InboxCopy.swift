import Glibc
import Streams

/// Brings a file that was named on the command line into the inbox.
enum InboxCopy {
  /// The file's name in the inbox. One that stands elsewhere is copied there under a temporary name first, so that
  /// nothing sees it half.
  static func bring(_ path: String, into inbox: String) throws(SluiceError) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let target = inbox + "/" + name
    guard try FileSystem.status(of: path) != nil else {
      // A bare name may mean a file of the inbox.
      if !path.contains("/"), try FileSystem.status(of: target) != nil { return name }
      throw SluiceError(
        .definition, "file-missing", file: path, cause: "there is no such file", remedy: "check the name")
    }
    if try isSame(path, target) { return name }
    guard try FileSystem.status(of: target) == nil else {
      throw SluiceError(
        .definition, "inbox-name-taken", file: path, cause: "the inbox has another file of this name",
        remedy: "process or remove \(target) first")
    }
    let input = try InputFile(path: path)
    let temporary = inbox + "/." + name + ".\(getpid()).part"
    let output = try OutputFile(path: temporary)
    let arena = ByteArena(capacity: 1 << 20)
    while true {
      arena.removeAll()
      try arena.fill(upTo: 1 << 20) { (room) throws(SluiceError) in try input.read(into: room, upTo: 1 << 20) }
      if arena.count == 0 { break }
      try output.append(arena)
    }
    try output.finish()
    try FileSystem.moveWithoutReplacing(temporary, to: target)
    return name
  }

  private static func isSame(_ left: String, _ right: String) throws(SluiceError) -> Bool {
    var one = stat()
    var other = stat()
    return stat(left, &one) == 0 && stat(right, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev
  }
}
