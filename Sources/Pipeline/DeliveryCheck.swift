import Feeds
import Intake
import Ledger
import Streams

/// Compares what the marker of a claimed drop says with what was read.
struct DeliveryCheck {
  let workplace: Workplace
  let plan: FeedPlan
  let claim: Claim

  /// Throws `marker-unreadable`, `checksum-mismatch`, `size-mismatch` or `rows-mismatch` (all incomplete: file and
  /// marker go back together, and the file may not be whole).
  func check(_ prepared: PreparedDrop) throws(SluiceError) {
    let file = claim.file
    let isWithoutMarker = file.isOwnCopy || file.parent != nil || file.retry?.isFromInbox == false
    guard !isWithoutMarker, let form = plan.feed.intake.markerForm else { return }
    let marker = workplace.claims.markerPath(of: claim.drop)
    let content = try InputFile.contents(of: marker, limit: DeliveryNote.maximumBytes) ?? []
    let note = try DeliveryNote(content, form: form, name: claim.file.file)
    if let bytes = note.bytes, bytes != claim.file.bytes {
      throw mismatch("size-mismatch", "\(bytes) bytes", "\(claim.file.bytes)")
    }
    if let sha256 = note.sha256, sha256 != prepared.sha256 {
      throw mismatch("checksum-mismatch", "the SHA-256 \(sha256)", prepared.sha256)
    }
    if let md5 = note.md5 {
      let found = try ContentHash.hash(ofFile: workplace.claims.dataPath(of: claim.drop), .md5)
      if md5 != found { throw mismatch("checksum-mismatch", "the MD5 \(md5)", found) }
    }
    if let rows = note.rows, rows != prepared.counts.read {
      throw mismatch("rows-mismatch", "\(rows) rows", "\(prepared.counts.read)")
    }
  }

  private func mismatch(_ code: String, _ stated: String, _ found: String) -> SluiceError {
    SluiceError(
      .incomplete, code, file: DisplayName.escape(claim.file.file),
      cause: "its marker says that the file has \(stated), but it has \(found)",
      remedy: "have file and marker sent again")
  }
}
