import Intake
import Ledger
import Streams

extension DropPublisher {
  /// Publishes what a person asked for. Guards do not apply; only a file that would lack cells is refused.
  func answer(_ request: Request, _ prepared: PreparedDrop) throws(SluiceError) -> DropReport {
    if let doubt = prepared.violations.first(where: { $0.code == "needs-full" }) {
      throw SluiceError(
        .damaged, doubt.code, file: DisplayName.escape(processor.claim.file.file), cause: doubt.message,
        remedy: "have a full delivered first")
    }
    let counts = prepared.counts
    let accepted = counts.accepted
    let note =
      switch request.kind {
      case .resync: OutcomeNote(reason: "resynced", message: "the whole state was sent again: \(accepted) records")
      case .resend:
        OutcomeNote(
          reason: "resent",
          message: "the current rows of \(accepted) keys of an output of drop \(request.drop ?? 0) were sent")
      case .revert:
        OutcomeNote(
          reason: "reverted",
          message:
            "\(counts.restated) keys have what they had before drop \(request.drop ?? 0); \(counts.changedSince) have "
            + "changed since and stay as they are")
      }
    return try publish(prepared, notes: [], note: note)
  }
}
