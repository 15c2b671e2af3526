import Diff
import Streams
import Targets

/// Tells whether the number that a feed's guards watch has moved further than they allow.
struct SwingMeter {
  /// Slot of the image that holds the number; -1: none is watched.
  private let slot: Int
  /// Share of the old number, in parts per million.
  private let by: Int

  init(_ plan: FeedPlan) {
    slot = plan.layout.watchedSlot ?? -1
    by = plan.feed.guards.swing?.by ?? 0
  }

  /// Whether the number differs by more than the share of what it was. A number that comes or was zero has not moved;
  /// one that goes has gone to zero.
  func isSwing(old: ImageView, new: ImageView) -> Bool {
    guard slot >= 0, old.has(slot), let before = Self.number(old.text(slot)), before.mantissa != 0 else { return false }
    let after = Self.number(new.text(slot)) ?? (0, before.scale)
    guard let (was, now) = Self.aligned(before, after) else { return true }
    let (move, overflows) = now.subtractingReportingOverflow(was)
    if overflows { return true }
    let moved = move.magnitude.multipliedFullWidth(by: 1_000_000)
    let most = was.magnitude.multipliedFullWidth(by: UInt64(by))
    return moved.high != most.high ? moved.high > most.high : moved.low > most.low
  }

  private typealias Number = (mantissa: Int64, scale: Int)

  /// Both at the larger scale: the field may have had fewer decimals when the old number was written. nil beyond 64
  /// bits.
  private static func aligned(_ first: Number, _ second: Number) -> (Int64, Int64)? {
    func raised(_ number: Number, to scale: Int) -> Int64? {
      var mantissa = number.mantissa
      for _ in 0..<max(0, scale - number.scale) {
        let (product, overflows) = mantissa.multipliedReportingOverflow(by: 10)
        if overflows { return nil }
        mantissa = product
      }
      return mantissa
    }
    let scale = max(first.scale, second.scale)
    guard let first = raised(first, to: scale), let second = raised(second, to: scale) else { return nil }
    return (first, second)
  }

  /// The canonical text of a number; nil for a cell that is null or clear.
  private static func number(_ text: ByteView) -> Number? {
    var mantissa: Int64 = 0
    var scale = 0
    var isBehindPoint = false
    var isNegative = false
    guard text.count > 0 else { return nil }
    for index in 0..<text.count {
      switch text[index] {
      case UInt8(ascii: "-") where index == 0: isNegative = true
      case UInt8(ascii: ".") where !isBehindPoint: isBehindPoint = true
      case let byte where (0x30...0x39).contains(byte):
        let (product, overflows) = mantissa.multipliedReportingOverflow(by: 10)
        let (sum, overflowsToo) = product.addingReportingOverflow(Int64(byte - 0x30))
        if overflows || overflowsToo { return nil }
        mantissa = sum
        if isBehindPoint { scale += 1 }
      default: return nil
      }
    }
    return (isNegative ? -mantissa : mantissa, scale)
  }
}
