import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Streams

/// Checks the ledger's chain, and whether the files that it names are still those that it recorded.
///
/// A file that is not there is no finding: consumers take outputs, and archives are cleared. A file whose bytes are
/// others than those recorded is.
package struct LedgerAudit {
  /// Something that does not hold.
  package struct Finding: Encodable, Sendable, Equatable {
    /// `chain`, `head`, `manifest`, `output`, `rejects` or `drop`.
    package var kind: String
    /// The entry, the drop, and the path concerned, where there is one.
    package var entry: Int?
    package var drop: Int?
    package var path: String?
    /// What does not hold, one sentence without a full stop.
    package var message: String
  }

  /// What was checked, and what was found.
  package struct Result: Encodable, Sendable {
    /// Entries of the chain, and the hash of the last one.
    package var entries: Int
    package var head: String
    package var findings: [Finding] = []
    /// Files compared with their hash, outputs and reject files that are gone, drops that are not in the archive.
    package var compared = 0
    package var taken = 0
    package var missing = 0
  }

  private static let longestManifest = 16 << 20
  private let ledger: Ledger
  private let places: Places
  private var result: Result

  /// Looks at the ledger of a project.
  package init(ledger: Ledger, places: Places) throws(SluiceError) {
    self.ledger = ledger
    self.places = places
    let head = try ledger.head()
    result = Result(entries: head.entry, head: head.hash)
  }

  /// Checks everything, or with `chainOnly` no files. `head` is the hash of an entry that the chain has to have: one
  /// noted down earlier, or that of a manifest. Throws what `verifyChain` does, and `permission-denied` or `io-error`.
  package mutating func run(head: String?, chainOnly: Bool = false) throws(SluiceError) -> Result {
    if let broken = try ledger.verifyChain() {
      result.findings.append(
        Finding(kind: "chain", entry: broken.entry, message: "entry \(broken.entry) does not hold: \(broken.cause)"))
    }
    if let head, try ledger.entryNumber(hash: head.lowercased()) == nil {
      result.findings.append(
        Finding(
          kind: "head",
          message: "the chain has no entry with the hash \(head): its end was cut off, or it was rewritten"))
    }
    guard !chainOnly else { return result }
    var last = 0
    while true {
      let (files, end) = try ledger.recordedFiles(after: last)
      guard let end else { break }
      for file in files { try check(file) }
      last = end
    }
    try checkManifests()
    return result
  }

  private mutating func check(_ file: RecordedFile) throws(SluiceError) {
    switch file.kind {
    case .output, .rejects:
      guard try compare(file, at: outboxPath(file.path)) else { return result.taken += 1 }
    case .drop:
      for path in try candidates(file) where try compare(file, at: path) { return }
      result.missing += 1
    }
  }

  /// Compares a file with its hash; false when it is not there.
  private mutating func compare(_ file: RecordedFile, at path: String) throws(SluiceError) -> Bool {
    guard let status = try FileSystem.status(of: path) else { return false }
    let found = status.kind == .file ? try ContentHash.hash(ofFile: path, .sha256) : nil
    result.compared += 1
    if found != file.sha256 {
      result.findings.append(
        Finding(
          kind: file.kind.rawValue, drop: file.drop, path: shown(path),
          message: "its bytes are not those that drop \(file.drop) was recorded with"))
    }
    return true
  }

  private func outboxPath(_ path: String) -> String {
    let prefix = places.outboxName + "/"
    return path.hasPrefix(prefix) ? "\(places.outbox)/\(path.dropFirst(prefix.count))" : "\(places.root)/\(path)"
  }

  /// Where the file of a drop may be.
  private func candidates(_ file: RecordedFile) throws(SluiceError) -> [String] {
    let number = SafeName.number(file.drop)
    if file.status == "held" || file.status == "claimed" { return ["\(places.work)/\(number)/data"] }
    let root = file.status == "quarantined" ? places.quarantine : places.archive
    return try StoredDrops.candidates(drop: file.drop, feed: file.feed, name: file.path, under: root)
  }

  // MARK: - Manifests

  /// Each manifest in the outbox names the head of the chain at its commit, and the files that went out.
  private mutating func checkManifests() throws(SluiceError) {
    let directory = places.outbox + "/manifests"
    guard try FileSystem.status(of: directory) != nil else { return }
    for name in try FileSystem.list(directory).names.sorted() where OutboxName.publication(of: name) != nil {
      let path = "\(directory)/\(name)"
      result.compared += 1
      do throws(SluiceError) {
        guard let message = try differs(path, name) else { continue }
        result.findings.append(Finding(kind: "manifest", path: shown(path), message: message))
      } catch {
        guard error.code == "manifest-invalid" else { throw error }
        result.findings.append(Finding(kind: "manifest", path: shown(path), message: error.cause))
      }
    }
  }

  /// What a manifest says otherwise than the ledger; nil when it agrees.
  private func differs(_ path: String, _ name: String) throws(SluiceError) -> String? {
    guard let bytes = try InputFile.contents(of: path, limit: Self.longestManifest) else { return "it is too long" }
    let manifest = try Manifest(decoding: bytes, path: path)
    guard let entry = try ledger.entry(manifest.chain.entry), entry.hash == manifest.chain.hash else {
      return
        "the ledger has no entry \(manifest.chain.entry) with the hash that it names: the ledger's end was cut off, "
        + "the ledger was rewritten, or the manifest was changed"
    }
    guard let drop = entry.drop, let detail = try ledger.drop(drop), let publication = detail.summary.publication,
      OutboxName.manifest(publication: publication, feed: manifest.feed) == name
    else { return "the ledger knows no such publication" }
    let recorded = Manifest(
      publication: publication, feed: manifest.feed, drop: drop,
      committedAt: Int64(UTCTime.seconds(entry.at) ?? 0), chain: manifest.chain,
      files: detail.outputs.map {
        Manifest.File(path: $0.path, target: $0.target, rows: $0.rows, bytes: $0.bytes, sha256: $0.sha256)
      })
    return try recorded.encoded() == bytes ? nil : "it is not what was written when the publication was committed"
  }

  /// A path as reports show it.
  private func shown(_ path: String) -> String {
    let prefix = places.root + "/"
    return DisplayName.escape(path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path)
  }
}
