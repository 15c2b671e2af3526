/// Exact arithmetic on mantissas with scales. Everything that rounds does so half away from zero; nil means that the
/// result does not fit into 64 bits.
public enum DecimalMath {
  /// A decimal: `mantissa` times ten to the minus `scale`.
  public struct Decimal: Equatable, Sendable {
    /// The digits.
    public var mantissa: Int64
    /// Digits after the point, 0 to 18.
    public var scale: UInt8

    /// A decimal.
    @inline(__always)
    public init(_ mantissa: Int64, scale: UInt8) {
      self.mantissa = mantissa
      self.scale = scale
    }
  }

  /// The mantissa of the same number at scale `target`, rounded when that is smaller.
  @inline(__always)
  public static func rescale(_ mantissa: Int64, from scale: UInt8, to target: UInt8) -> Int64? {
    if scale == target { return mantissa }
    if target > scale {
      let (scaled, overflow) = mantissa.multipliedReportingOverflow(by: factor(target - scale))
      return overflow ? nil : scaled
    }
    let divisor = factor(scale - target)
    let (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: divisor)
    // Twice the rest may pass 2^63, but not 2^64.
    guard rest.magnitude &* 2 >= divisor.magnitude else { return quotient }
    return mantissa < 0 ? quotient - 1 : quotient + 1
  }

  /// True when the number needs no more than `target` digits after the point.
  @inline(__always)
  public static func isExact(_ mantissa: Int64, from scale: UInt8, to target: UInt8) -> Bool {
    target >= scale || mantissa % factor(scale - target) == 0
  }

  /// The sum, at the greater of the two scales where it fits.
  public static func add(_ left: Decimal, _ right: Decimal) -> Decimal? {
    let scale = max(left.scale, right.scale)
    return fit(widen(left, to: scale) + widen(right, to: scale), scale: Int(scale))
  }

  /// The difference, at the greater of the two scales where it fits.
  public static func subtract(_ left: Decimal, _ right: Decimal) -> Decimal? {
    let scale = max(left.scale, right.scale)
    return fit(widen(left, to: scale) - widen(right, to: scale), scale: Int(scale))
  }

  /// The exact product, at the sum of the scales where it fits. Zeros at its end are given up when it does not.
  public static func multiply(_ left: Decimal, _ right: Decimal) -> Decimal? {
    fit(Int128(left.mantissa) * Int128(right.mantissa), scale: Int(left.scale) + Int(right.scale))
  }

  /// The quotient rounded to `scale`. `right` must not be zero.
  public static func divide(_ left: Decimal, by right: Decimal, scale: UInt8) -> Decimal? {
    // left / 10^a / (right / 10^b) * 10^scale = left * 10^(b + scale - a) / right
    let exponent = Int(right.scale) + Int(scale) - Int(left.scale)
    var dividend = Int128(left.mantissa)
    var divisor = Int128(right.mantissa)
    if exponent >= 0 {
      for _ in 0..<exponent {
        let (product, overflow) = dividend.multipliedReportingOverflow(by: 10)
        // A dividend of 2^127 or more over a divisor of at most 2^63 is beyond 64 bits.
        if overflow { return nil }
        dividend = product
      }
    } else {
      divisor *= Int128(DecimalText.power(-exponent))
    }
    let (quotient, rest) = dividend.quotientAndRemainder(dividingBy: divisor)
    var rounded = quotient
    if rest.magnitude >= divisor.magnitude - rest.magnitude {
      rounded += (dividend < 0) == (divisor < 0) ? 1 : -1
    }
    return Int64(exactly: rounded).map { Decimal($0, scale: scale) }
  }

  /// Negative, zero or positive as `left` is less than, equal to or greater than `right`.
  @inline(__always)
  public static func compare(_ left: Decimal, _ right: Decimal) -> Int {
    if left.scale == right.scale { return order(left.mantissa, right.mantissa) }
    let scale = max(left.scale, right.scale)
    return order(widen(left, to: scale), widen(right, to: scale))
  }

  @inline(__always)
  private static func order<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
    left < right ? -1 : left == right ? 0 : 1
  }

  @inline(__always)
  private static func factor(_ exponent: UInt8) -> Int64 {
    Int64(truncatingIfNeeded: DecimalText.power(Int(exponent)))
  }

  @inline(__always)
  private static func widen(_ value: Decimal, to scale: UInt8) -> Int128 {
    Int128(value.mantissa) * Int128(DecimalText.power(Int(scale - value.scale)))
  }

  private static func fit(_ mantissa: Int128, scale: Int) -> Decimal? {
    var mantissa = mantissa
    var scale = scale
    while scale > 18 || Int64(exactly: mantissa) == nil {
      guard scale > 0 else { return nil }
      let (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: 10)
      guard rest == 0 else { return nil }
      mantissa = quotient
      scale -= 1
    }
    return Int64(exactly: mantissa).map { Decimal($0, scale: UInt8(scale)) }
  }
}
