import Streams

/// The rows of a record: which there are, and whether they are those that were sent last.
extension CommerceWriter {
  func exists(_ row: Int, _ image: ImageView) -> Bool {
    guard row > 0, let condition = layout.rows[row - 1].condition else { return true }
    return image.isTrue(condition)
  }

  func isSameRecord(_ new: ImageView, _ old: ImageView) -> Bool {
    columns.storeViews.indices.allSatisfy { row in
      exists(row, new) == exists(row, old) && (!exists(row, new) || isSame(row, new, old))
    }
  }

  func isSame(_ row: Int, _ new: ImageView, _ old: ImageView) -> Bool {
    slots(of: row).allSatisfy { new.isSame($0, as: old) }
  }

  func hasSameIdentity(_ new: ImageView, _ old: ImageView) -> Bool {
    columns.columns.filter(\.isIdentity).allSatisfy { column in
      guard let slot = column.identitySlot, old.has(slot) else { return true }
      return new.isSame(slot, as: old)
    }
  }

  /// The text of an identity cell as it was sent.
  func identityText(_ column: CommerceColumns.Column, _ image: ImageView) -> ByteView? {
    guard let slot = column.identitySlot, image.has(slot) else { return text(column.sources[0], image) }
    return text(slot: slot, image)
  }

  /// Whether columns or constants of the definition have changed since `old` was sent, so that every row has to be
  /// sent: no cell of the image shows that. What older versions wrote does not say; the digest differs, so that it
  /// was the definition when no cell does.
  func isRedefined(_ new: ImageView, _ old: ImageView) -> Bool {
    if let mark = layout.mark, old.has(mark), !new.isSame(mark, as: old) { return true }
    return isSameRecord(new, old)
  }

  func slots(of row: Int) -> [Int] {
    let sources = row == 0 ? layout.columns : layout.rows[row - 1].columns
    return sources.compactMap { if case .slot(let slot) = $0 { slot } else { nil } }
  }
}
