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

  /// Bytes of a request that are read.
  private static let largest = 256 << 20

  /// Reads the order that a request consists of. Throws `ledger-damaged` when it is none.
  static func read(_ path: String) throws(SluiceError) -> ResendOrder {
    let content = try InputFile.contents(of: path, limit: Self.largest) ?? []
    guard let order = try? JSONDecoder().decode(ResendOrder.self, from: Data(content)) else {
      throw SluiceError(
        .environment, "ledger-damaged", file: path, cause: "the request can not be read",
        remedy: "ask again with `sluice resend`")
    }
    return order
  }

  /// Tells the rows that are asked for by their images.
  struct Selection {
    /// Slots of the columns that name a row, -1 for one that no image has; nil: every row is asked for.
    private let slots: [Int]?
    private let rows: Set<[String]>

    init(_ order: ResendOrder, layout: ImageLayout) {
      slots = order.columns?.map { column in
        layout.slots.firstIndex { $0.names.contains("\(order.target)/0/\(column)") } ?? -1
      }
      rows = Set(order.rows ?? [])
    }

    /// Whether the row of this image is asked for.
    func contains(_ image: ImageView) -> Bool {
      guard let slots else { return true }
      return rows.contains(slots.map { $0 < 0 ? "" : image.text($0).text })
    }
  }

  static func noTarget(_ name: String) -> SluiceError {
    SluiceError(
      .definition, "output-not-resendable", value: name,
      cause: "the output is no file of a target that keeps a state and that the feed still has",
      remedy: "change events and triggers are told once; `sluice ledger why` says what they told")
  }
}
