import Foundation
import Streams
import Targets

/// Which output is to be sent again: the file of a request to resend.
struct ResendOrder: Codable {
  /// The output's path as the ledger shows it, its target, and the drop that wrote it.
  var output: String
  var target: String
  var drop: Int
  /// Columns that name a row, and the rows that are asked for; nil: all of the output.
  var columns: [String]?
  var rows: [[String]]?

  /// Reads the order that a request consists of. Throws `ledger-damaged` when it is none.
  static func read(_ path: String) throws(SluiceError) -> ResendOrder {
    let content = try InputFile.contents(of: path, limit: ResendRows.largest) ?? []
    guard let order = try? JSONDecoder().decode(ResendOrder.self, from: Data(content)) else {
      throw SluiceError(
        .environment, "ledger-damaged", file: path, cause: "the request can not be read",
        remedy: "ask again with `sluice resend`")
    }
    return order
  }

  /// Whether the row of this image is asked for.
  func isOf(_ image: ImageView, layout: ImageLayout) -> Bool {
    guard let columns, let rows else { return true }
    let texts = columns.map { column in
      let name = "\(target)/0/\(column)"
      let slot = layout.slots.firstIndex { $0.names.contains(name) }
      return slot.map { image.text($0).text } ?? ""
    }
    return rows.contains(texts)
  }

  static func noTarget(_ name: String) -> SluiceError {
    SluiceError(
      .definition, "output-not-resendable", value: name,
      cause: "the output is no file of a target that keeps a state and that the feed still has",
      remedy: "change events and triggers are told once; `sluice ledger why` says what they told")
  }
}
