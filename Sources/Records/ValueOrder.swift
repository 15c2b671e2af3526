import Streams

/// How values compare.
public enum ValueOrder {
  /// Negative, zero or positive; nil when either is null or clear, or when the kinds do not compare. Numbers compare
  /// exactly across scales, texts by their bytes, a day with a time as its midnight.
  @inline(__always)
  public static func compare(_ left: Value, _ right: Value) -> Int? {
    switch (left.kind, right.kind) {
    case (.text, .text): return ByteView.compare(left.bytes, right.bytes)
    case (.number, .number):
      return DecimalMath.compare(
        DecimalMath.Decimal(left.number, scale: left.scale), DecimalMath.Decimal(right.number, scale: right.scale))
    case (.boolean, .boolean), (.date, .date), (.datetime, .datetime): return sign(left.number, right.number)
    case (.date, .datetime), (.datetime, .date):
      guard let one = seconds(left), let other = seconds(right) else { return nil }
      return sign(one, other)
    default: return nil
    }
  }

  /// Wall-clock seconds of a day's midnight or of a time; nil for other kinds.
  @inline(__always)
  public static func seconds(_ value: Value) -> Int64? {
    switch value.kind {
    case .date: value.number &* DateText.secondsPerDay
    case .datetime: value.number
    default: nil
    }
  }

  @inline(__always)
  private static func sign(_ left: Int64, _ right: Int64) -> Int { left < right ? -1 : left == right ? 0 : 1 }
}
