import Streams

/// An image taken apart into cells. Valid as long as the bytes that it was read from.
public final class ImageView {
  /// nil: the cell was not tracked yet.
  private var states: [CellState?] = []
  private var views: [ByteView] = []

  /// For an image written by an older definition: where the slots of today's layout stood then (-1: nowhere).
  public var remap: [Int]?

  /// A view without cells.
  public init() {}

  /// How many cells the image has.
  public var count: Int { states.count }

  /// Takes `image` apart; false when its bytes do not make sense.
  public func read(_ image: ByteView) -> Bool {
    states.removeAll(keepingCapacity: true)
    views.removeAll(keepingCapacity: true)
    var position = 0
    while position < image.count {
      var header: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        guard position < image.count, shift < 64 else { return false }
        let byte = image[position]
        position += 1
        header |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      let length = Int(header >> 2)
      guard length <= image.count - position else { return false }
      states.append(CellState(rawValue: UInt8(header & 3)))
      views.append(image.slice(from: position, count: length))
      position += length
    }
    return true
  }

  /// Whether the image has slot `index` at all; an older definition may not have tracked it.
  public func has(_ index: Int) -> Bool { place(of: index) != nil }

  /// The state of slot `index`; null for one that the image does not have.
  public func state(_ index: Int) -> CellState { place(of: index).flatMap { states[$0] } ?? .null }

  /// The text of slot `index`; empty for null, clear, and one that the image does not have.
  public func text(_ index: Int) -> ByteView { place(of: index).map { views[$0] } ?? ByteView() }

  /// The text of the cell behind the `count` slots of the image's own layout; empty when there is none.
  public func textBehind(_ count: Int) -> ByteView { count < views.count ? views[count] : ByteView() }

  /// Appends the cell of slot `index` in the form of an image; one that was not tracked stays so.
  public func appendCell(_ index: Int, to arena: ByteArena) {
    let state = place(of: index).flatMap { states[$0] }
    ImageCell.append(state: state?.rawValue ?? ImageCell.untracked, text: text(index), to: arena)
  }

  /// Whether slot `index` holds the boolean true.
  public func isTrue(_ index: Int) -> Bool {
    let text = text(index)
    return text.count == 1 && text[0] == 0x31
  }

  /// Whether both images hold the same cell in slot `index`.
  public func isSame(_ index: Int, as other: ImageView) -> Bool {
    state(index) == other.state(index) && text(index) == other.text(index)
  }

  private func place(of index: Int) -> Int? {
    var place = index
    if let remap { place = index < remap.count ? remap[index] : -1 }
    return place >= 0 && place < states.count && states[place] != nil ? place : nil
  }
}
