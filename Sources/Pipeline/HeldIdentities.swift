import Diff
import Streams
import Targets

/// Tells the Commerce targets that keep removals back which identities the keys of the next snapshot hold. Goes over
/// the snapshot once; feeds whose keys are identities by themselves keep nothing back.
struct HeldIdentities {
  let plan: FeedPlan
  /// The snapshot as it will be after the publication.
  let view: SnapshotView

  /// Tells the writers, by state target. `keyCases` are the letters of all keys, nil when they are not known.
  func tell(
    _ writers: [(state: Int, writer: CommerceWriter)], keyCases: KeyCases?
  ) throws(SluiceError) {
    let exact = plan.feed.key.indices.filter { !plan.feed.key[$0].isFolded }
    let areApart = keyCases?.areApart(in: exact) ?? false
    let writers = writers.filter { !(areApart && $0.writer.identitiesFollowFromKeys) }
    guard !writers.isEmpty else { return }
    guard let cursor = view.reader?.cursor() else { return }
    let image = ImageView()
    while try cursor.advance() {
      let flags = view.maps[cursor.segment].flags(cursor.flags)
      var isRead = false
      for (state, writer) in writers where flags.state(state) == .sent {
        guard writer.mayHoldRemoved(cursor.key) else { continue }
        if !isRead { try view.read(segment: cursor.segment, rowOffset: cursor.current.rowOffset, into: image) }
        isRead = true
        try writer.noteHeld(image)
      }
    }
  }
}
