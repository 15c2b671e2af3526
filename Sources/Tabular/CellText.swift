import Streams

/// Undoes in the text of a cell what its dialect writes for characters with a meaning: doubled quotes, and escapes.
///
/// Behind a backslash `n`, `r` and `t` stand for line feed, carriage return and tab, and `N` and `0` keep the backslash
/// (`\N` is how databases write that there is no value, and a NUL is no text); any other character, and any character
/// behind another escape, stands for itself.
public struct CellText: Equatable, Sendable, BitwiseCopyable {
  /// What stands for the lack of a byte.
  private static let none: UInt16 = 0xFFFF
  private static let backslash: UInt16 = 0x5C

  private let quote: UInt16
  private let escape: UInt16

  /// Doubled `quote` bytes and escapes are undone.
  public init(quote: UInt8? = 0x22, escape: UInt8? = nil) {
    self.quote = quote.map { UInt16($0) } ?? CellText.none
    self.escape = escape.map { UInt16($0) } ?? CellText.none
  }

  /// Appends the text of a cell that is flagged as escaped to `arena`; it is not longer than the cell.
  @inline(__always)
  public func undo(_ cell: ByteView, _ flags: FieldSlice.Flags, into arena: ByteArena) {
    // Only inside quotes do two quotes stand for one.
    let doubled = flags.contains(.quoted) ? quote : CellText.none
    arena.append(upTo: cell.count) { bytes in
      var written = 0
      var position = 0
      while position < cell.count {
        let byte = cell[position]
        position &+= 1
        if position < cell.count {
          let next = cell[position]
          if UInt16(byte) == escape {
            if escape == CellText.backslash, next == 0x4E || next == 0x30 {
              bytes[written] = byte
              written &+= 1
            }
            bytes[written] = meaning(next)
            written &+= 1
            position &+= 1
            continue
          }
          if UInt16(byte) == doubled, UInt16(next) == doubled { position &+= 1 }
        }
        bytes[written] = byte
        written &+= 1
      }
      return written
    }
  }

  /// The text of a cell, off the hot path.
  public func text(_ cell: ByteView, _ flags: FieldSlice.Flags) -> String {
    guard flags.contains(.escaped) else { return cell.text }
    let arena = ByteArena(capacity: cell.count)
    undo(cell, flags, into: arena)
    return arena.view.text
  }

  @inline(__always)
  private func meaning(_ byte: UInt8) -> UInt8 {
    guard escape == CellText.backslash else { return byte }
    switch byte {
    case 0x6E: return 0x0A
    case 0x72: return 0x0D
    case 0x74: return 0x09
    default: return byte
    }
  }
}
