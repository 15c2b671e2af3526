import Foundation
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
    let temporary = inbox + "/." + name + "\(mark)\(getpid()).part"
    do throws(SluiceError) {
      try copy(path, to: temporary)
      try FileSystem.moveWithoutReplacing(temporary, to: target)
    } catch {
      // That the copy failed is what there is to say.
      try? FileSystem.remove(temporary)
      throw error
    }
    return name
  }

  /// Before the process's number in a temporary name; senders have temporary names of their own.
  private static let mark = ".sluice-"

  /// The process that makes the copy of this temporary name; nil for other names.
  static func process(of name: String) -> Int32? {
    guard name.hasPrefix("."), name.hasSuffix(".part"), let mark = name.range(of: mark, options: .backwards) else {
      return nil
    }
    return Int32(name[mark.upperBound...].dropLast(".part".count))
  }

  /// Copies the bytes of a file to `target`, which must not exist.
  static func copy(_ path: String, to target: String) throws(SluiceError) {
    let input = try InputFile(path: path)
    let output = try OutputFile(path: target)
    let arena = ByteArena(capacity: 1 << 20)
    while true {
      arena.removeAll()
      try arena.fill(upTo: 1 << 20) { (room) throws(SluiceError) in try input.read(into: room, upTo: 1 << 20) }
      if arena.count == 0 { break }
      try output.append(arena)
    }
    try output.finish()
  }

  static func isSame(_ left: String, _ right: String) throws(SluiceError) -> Bool {
    var one = stat()
    var other = stat()
    return stat(left, &one) == 0 && stat(right, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev
  }
}
