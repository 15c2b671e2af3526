import Streams

/// An image taken apart into cells. Valid as long as the bytes that it was read from.
///
/// Invariant: `cells[0..<count]` are initialised; views of them borrow from the image that was read last.
public final class ImageView {
  private struct Cell {
    /// nil: the cell was not tracked yet.
    var state: CellState?
    var text: ByteView
  }

  private var cells: UnsafeMutablePointer<Cell>
  private var room = 64
  /// How many cells the image has.
  public private(set) var count = 0

  /// For an image written by an older definition: where the slots of today's layout stood then (-1: nowhere).
  public var remap: [Int]? {
    didSet { isRemapped = remap != nil }
  }
  private var isRemapped = false

  /// A view without cells.
  public init() { cells = .allocate(capacity: room) }

  deinit { cells.deallocate() }

  /// Takes `image` apart; false when its bytes do not make sense.
  public func read(_ image: ByteView) -> Bool {
    count = 0
    var position = 0
    while position < image.count {
      var header = UInt64(image[position])
      position &+= 1
      if header >= 0x80 {
        guard let rest = ImageView.longHeader(image, &position) else { return false }
        header = header & 0x7F | rest
      }
      let length = Int(header >> 2)
      guard length <= image.count &- position else { return false }
      if count == room { grow() }
      let state = CellState(rawValue: UInt8(header & 3))
      (cells + count).initialize(to: Cell(state: state, text: image.slice(from: position, count: length)))
      count &+= 1
      position &+= length
    }
    return true
  }

  /// The bits of a header beyond the first seven; nil when it does not end.
  private static func longHeader(_ image: ByteView, _ position: inout Int) -> UInt64? {
    var header: UInt64 = 0
    var shift: UInt64 = 7
    while true {
      guard position < image.count, shift < 63 else { return nil }
      let byte = image[position]
      position += 1
      header |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return header }
      shift += 7
    }
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Cell>.allocate(capacity: 2 * room)
    larger.moveInitialize(from: cells, count: count)
    cells.deallocate()
    cells = larger
    room *= 2
  }

  /// Whether the image has slot `index` at all; an older definition may not have tracked it.
  public func has(_ index: Int) -> Bool { place(of: index) >= 0 }

  /// The state of slot `index`; null for one that the image does not have.
  @inline(__always)
  public func state(_ index: Int) -> CellState {
    let place = place(of: index)
    return place >= 0 ? cells[place].state ?? .null : .null
  }

  /// The text of slot `index`; empty for null, clear, and one that the image does not have.
  @inline(__always)
  public func text(_ index: Int) -> ByteView {
    let place = place(of: index)
    return place >= 0 ? cells[place].text : ByteView()
  }

  /// The text of the cell behind the `count` slots of the image's own layout; empty when there is none.
  public func textBehind(_ count: Int) -> ByteView { count < self.count ? cells[count].text : ByteView() }

  /// Appends the cell of slot `index` in the form of an image; one that was not tracked stays so.
  public func appendCell(_ index: Int, to arena: ByteArena) {
    let place = place(of: index)
    let state = place >= 0 ? cells[place].state : nil
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

  /// The cell of slot `index`; -1 when the image has none.
  @inline(__always)
  private func place(of index: Int) -> Int {
    let place = isRemapped ? remappedPlace(of: index) : index < count ? index : -1
    return place >= 0 && cells[place].state != nil ? place : -1
  }

  private func remappedPlace(of index: Int) -> Int {
    guard let remap, index < remap.count, remap[index] < count else { return -1 }
    return remap[index]
  }
}
