import Glibc
import Streams

/// One step of publishing. Each may be cut short by a crash and repeated.
public enum PublishStep: Equatable, Sendable {
  /// Move the staged file of that index.
  case move(Int)
  /// Make the moves durable.
  case syncOutbox
  /// Write the manifest into the staging directory.
  case stageManifest
  /// Note that the manifest was written, so that a manifest that a consumer has taken is not made again.
  case markManifest
  /// Move the manifest to its place.
  case publishManifest
  /// Move the drop into the archive.
  case archive
  /// Put the staging directory under a name that says that all is done.
  case retireStaging
  /// Remove the staging directory and the drop's directory.
  case clean
}

/// Where the places of a project are.
public struct PublicationRoots: Sendable, Equatable {
  /// `outbox/`
  public var outbox: String
  /// `archive/`
  public var archive: String
  /// `work/`
  public var work: String

  /// The roots.
  public init(outbox: String, archive: String, work: String) {
    self.outbox = outbox
    self.archive = archive
    self.work = work
  }
}

/// What publishing found to do.
public struct PublicationOutcome: Equatable, Sendable {
  /// Paths below the outbox that appeared now.
  public var appeared: [String] = []
  /// Paths below the outbox that had appeared before; the consumer may have taken them since.
  public var appearedBefore: [String] = []
}

/// Carries out a committed plan. Publishing twice, or again after a crash at any point, ends in the same tree as once.
public struct Publisher: Sendable {
  private static let stagedManifest = ".manifest.json"
  private static let growingManifest = ".manifest.growing"
  private static let manifestMark = ".manifest.staged"

  private let plan: PublicationPlan
  private let manifest: Manifest?
  private let roots: PublicationRoots
  private let isDurable: Bool

  /// A publisher of `plan`; `manifest` belongs to `plan.manifestPath`. Throws `.environment` `plan-invalid`.
  public init(
    _ plan: PublicationPlan, manifest: Manifest?, roots: PublicationRoots, durable: Bool
  ) throws(SluiceError) {
    try plan.check()
    self.plan = plan
    self.manifest = manifest
    self.roots = roots
    isDurable = durable
  }

  /// All steps in their order.
  public var steps: [PublishStep] {
    plan.moves.indices.map { .move($0) } + [
      .syncOutbox, .stageManifest, .markManifest, .publishManifest, .archive, .retireStaging, .clean,
    ]
  }

  /// Takes all steps. Throws `.environment`: `outbox-name-taken` when another file has the name of an output,
  /// `archive-name-taken` likewise, and system errors; publishing again goes on from there.
  public func publish() throws(SluiceError) -> PublicationOutcome {
    var outcome = PublicationOutcome()
    for step in steps { try take(step, into: &outcome) }
    return outcome
  }

  /// Takes one step.
  public func take(_ step: PublishStep, into outcome: inout PublicationOutcome) throws(SluiceError) {
    switch step {
    case .move(let index):
      let move = plan.moves[index]
      let appeared = try Publisher.place(
        "\(staging)/\(move.from)", at: outbox(move.to), durable: isDurable, syncsNames: false)
      if appeared { outcome.appeared.append(move.to) } else { outcome.appearedBefore.append(move.to) }
    case .syncOutbox: try syncOutbox()
    case .stageManifest: try stageManifest()
    case .markManifest: try markManifest()
    case .publishManifest: try publishManifest()
    case .archive: try archive()
    case .retireStaging: try retireStaging()
    case .clean: try clean()
    }
  }

  /// Moves one file to a place where it has not been, without replacing: true when it appeared there now, false when
  /// there was nothing (left) to move. A file that is there already with the same bytes lets the source go. With
  /// `syncsNames` false the caller syncs the directories. For files outside a plan, too: rejects of a held drop.
  /// Throws `.environment` with `takenCode`.
  public static func place(
    _ source: String, at target: String, takenCode: String = "outbox-name-taken", durable: Bool,
    syncsNames: Bool = true
  ) throws(SluiceError) -> Bool {
    guard try FileCalls.status(source) != nil else { return false }
    try FileCalls.makeDirectory(FileCalls.parent(target), durable: durable)
    switch try ExclusiveMove.move(source, to: target, durable: durable, syncsNames: syncsNames) {
    case .moved: return true
    case .absent: return false
    case .taken:
      guard let there = try FileCalls.status(target), FileCalls.isRegular(there),
        try FileCalls.haveSameBytes(source, target)
      else {
        throw SluiceError(
          .environment, takenCode, file: target, cause: "another file has the name of \(source)",
          remedy: "move the other file away, then run again")
      }
      try FileCalls.remove(source)
      return false
    }
  }

  private var staging: String { outbox(plan.stagingDirectory) }
  private var retired: String { staging + ".done" }
  private func outbox(_ path: String) -> String { "\(roots.outbox)/\(path)" }

  /// The staging directory is there until all is published.
  private func isStaged() throws(SluiceError) -> Bool { try FileCalls.status(staging) != nil }

  private func syncOutbox() throws(SluiceError) {
    guard isDurable, try isStaged() else { return }
    // The destinations before the source: a name that is in both is sorted out, one that is in neither is lost.
    for directory in Set(plan.moves.map { FileCalls.parent(outbox($0.to)) }).sorted() {
      if try FileCalls.status(directory) != nil { try FileCalls.syncDirectory(directory) }
    }
    try FileCalls.syncDirectory(staging)
  }

  private func stageManifest() throws(SluiceError) {
    guard let manifest, plan.manifestPath != nil, try isStaged() else { return }
    guard try FileCalls.status("\(staging)/\(Publisher.manifestMark)") == nil,
      try FileCalls.status("\(staging)/\(Publisher.stagedManifest)") == nil
    else { return }
    let growing = "\(staging)/\(Publisher.growingManifest)"
    try FileCalls.remove(growing)
    let file = try StagedFile(directory: staging, name: Publisher.growingManifest)
    let bytes = try manifest.encoded()
    try bytes.withView { (view) throws(SluiceError) in try file.append(view) }
    _ = try file.finish(durable: isDurable)
    _ = try ExclusiveMove.move(growing, to: "\(staging)/\(Publisher.stagedManifest)", durable: isDurable)
  }

  private func markManifest() throws(SluiceError) {
    guard plan.manifestPath != nil, try isStaged() else { return }
    let mark = "\(staging)/\(Publisher.manifestMark)"
    guard try FileCalls.status(mark) == nil else { return }
    close(try FileCalls.open(mark, O_WRONLY | O_CREAT))
    if isDurable { try FileCalls.syncDirectory(staging) }
  }

  private func publishManifest() throws(SluiceError) {
    guard let path = plan.manifestPath else { return }
    _ = try Publisher.place("\(staging)/\(Publisher.stagedManifest)", at: outbox(path), durable: isDurable)
  }

  private func archive() throws(SluiceError) {
    guard let move = plan.archive else { return }
    let target = "\(roots.archive)/\(move.to)"
    _ = try Publisher.place(
      "\(roots.work)/\(move.from)", at: target, takenCode: "archive-name-taken", durable: isDurable)
  }

  private func retireStaging() throws(SluiceError) {
    guard try isStaged() else { return }
    if rename(staging, retired) != 0 { throw SluiceError.system("rename", path: staging, errno: errno) }
    if isDurable { try FileCalls.syncDirectory(FileCalls.parent(staging)) }
  }

  private func clean() throws(SluiceError) {
    try Publisher.removeTree(retired)
    if let directory = plan.workDirectory { try Publisher.removeTree("\(roots.work)/\(directory)") }
  }

  /// Removes a directory and all below it; links are removed, not followed. One that is absent is fine.
  public static func removeTree(_ path: String) throws(SluiceError) {
    guard let status = try FileCalls.status(path) else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try FileCalls.remove(path) }
    for name in try FileCalls.names(in: path) ?? [] {
      try removeTree("\(path)/\(String(decoding: name, as: UTF8.self))")
    }
    if rmdir(path) != 0 && errno != ENOENT { throw SluiceError.system("rmdir", path: path, errno: errno) }
  }
}
