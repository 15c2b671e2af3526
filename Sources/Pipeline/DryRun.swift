import Feeds
import Glibc
import Ledger
import Outbox
import Streams

/// Runs the real thing on a shadow of the project: a copy of the ledger, links to snapshots and inbox. The project
/// itself is only read, and the same code decides.
package struct DryRun {
  private let project: Places
  private let feeds: [FeedDefinition]
  private let options: RunOptions

  /// A dry run of `project`.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) {
    self.project = project
    self.feeds = feeds
    self.options = options
  }

  /// What a run would report. Queued drops are chained: each is diffed against what the one before would leave.
  package func run(
    files: [String], willWait: (Double) -> Void, tell: (DropReport) throws(SluiceError) -> Void = { _ in }
  ) throws(SluiceError) -> [DropReport] {
    let hadWork = try FileSystem.status(of: project.work) != nil
    try FileSystem.makeDirectories(project.work)
    let root = "\(project.work)/\(Self.prefix)\(getpid())"
    try Publisher.removeTree(root)
    defer {
      try? Publisher.removeTree(root)
      if !hadWork { rmdir(project.work) }
    }
    let shadow = try makeShadow(root)
    var options = options
    options.isDurable = false
    var named: [String] = []
    for file in files { named.append(try shadowed(file, in: shadow)) }
    return try InboxRun(project: shadow, feeds: feeds, options: options).run(
      files: named, willWait: willWait, tell: tell)
  }

  private static let prefix = ".dry-run-"

  /// The process whose shadow this name in `work/` is; nil for other names.
  static func process(of name: String) -> Int32? {
    name.hasPrefix(prefix) ? Int32(name.dropFirst(prefix.count)) : nil
  }

  private func makeShadow(_ root: String) throws(SluiceError) -> Places {
    var shadow = project
    shadow.root = root
    shadow.inbox = root + "/inbox"
    shadow.work = root + "/work"
    shadow.outbox = root + "/outbox"
    shadow.archive = root + "/archive"
    shadow.quarantine = root + "/quarantine"
    shadow.snapshots = root + "/snapshots"
    shadow.ledger = root + "/ledger.sqlite"
    for place in [shadow.inbox, shadow.work, shadow.snapshots] { try FileSystem.makeDirectories(place) }
    if try FileSystem.status(of: project.ledger) != nil {
      try Ledger.open(path: project.ledger, mode: .readOnly).copy(to: shadow.ledger)
    }
    try linkFiles(project.inbox, into: shadow.inbox)
    if try FileSystem.status(of: project.snapshots) != nil {
      for feed in try FileSystem.list(project.snapshots).names {
        try FileSystem.makeDirectories(shadow.snapshots + "/" + feed)
        try linkFiles(project.snapshots + "/" + feed, into: shadow.snapshots + "/" + feed)
      }
    }
    return shadow
  }

  /// Hard links, or copies where they are not allowed, of the regular files of a directory; what is no
  /// regular file is left out.
  private func linkFiles(_ source: String, into target: String) throws(SluiceError) {
    guard try FileSystem.status(of: source) != nil else { return }
    for name in try FileSystem.list(source).names {
      var status = stat()
      guard lstat("\(source)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      if link("\(source)/\(name)", "\(target)/\(name)") == 0 { continue }
      switch errno {
      // Its producer has taken it back since the directory was read.
      case EEXIST, ENOENT: continue
      // The kernel lets nobody link what another account owns, nor what is on another file system.
      case EPERM, EXDEV, EMLINK: try InboxCopy.copy("\(source)/\(name)", to: "\(target)/\(name)")
      case let code: throw SluiceError.system("link", path: "\(target)/\(name)", errno: code)
      }
    }
  }

  /// A file of the inbox by its name in the shadow; any other as it is.
  private func shadowed(_ file: String, in shadow: Places) throws(SluiceError) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let isInInbox = file == "\(project.inbox)/\(name)" || !file.contains("/")
    return isInInbox ? "\(shadow.inbox)/\(name)" : file
  }
}
