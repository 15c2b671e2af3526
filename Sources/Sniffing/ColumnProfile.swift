import Records
import Streams
import Tabular

/// What all cells of one column have in common, taken in one after the other in bounded memory.
struct ColumnProfile {
  private static let mostWords = 6
  private static let longestWord = 12
  private static let nullBytes = Notations.nulls.map { Array($0.utf8) }
  private static let longestNull = 19

  /// Cells with a value, those that mean none left out.
  private(set) var filled = 0
  /// Cells that are empty or not there.
  private(set) var empty = 0
  /// Cells that hold each of `Notations.nulls`.
  private(set) var nulls = [Int](repeating: 0, count: Notations.nulls.count)
  /// Bit n: every value is a number in `Notations.numbers[n]`.
  private(set) var numbers: UInt8 = 0xFF
  /// Values made of digits and the signs of numbers alone.
  private(set) var numeric = 0
  /// Bit n: some value needs the thousands sign of `Notations.numbers[n]`.
  private(set) var grouped: UInt8 = 0
  /// The most digits behind the last point, and behind the last comma.
  private(set) var decimals = (point: 0, comma: 0)
  /// The most digits of a number.
  private(set) var digits = 0
  /// Whether some value is a number with zeros in front, which it would lose.
  private(set) var hasLeadingZero = false
  /// Indices of the forms of dates that every value has; nil before the first value.
  private(set) var dates: [Int]?
  /// The different values, as long as they are few and short; nil when they are not.
  private(set) var words: [[UInt8]]? = []
  /// Values with an at sign inside.
  private(set) var addresses = 0
  /// Records that have several values (XML).
  private(set) var several = 0
  /// Bytes of all values, and of the longest.
  private(set) var bytes = 0
  private(set) var longest = 0

  /// Takes the value of a row: trimmed, doubled quotes undone.
  mutating func take(_ view: ByteView, isAbsent: Bool) {
    if view.isEmpty || isAbsent {
      empty += 1
      return
    }
    if view.count <= Self.longestNull, let null = null(view) {
      nulls[null] += 1
      return
    }
    filled += 1
    bytes += view.count
    longest = max(longest, view.count)
    if view.firstIndex(of: 0x1F) != nil { several += 1 }
    if view.firstIndex(of: 0x40).map({ $0 > 0 && $0 < view.count - 1 }) == true { addresses += 1 }
    takeWord(view)
    let hasDigit = (0..<min(view.count, 3)).contains { (0x30...0x39).contains(view[$0]) }
    guard hasDigit else {
      numbers = 0
      dates = []
      return
    }
    if isNumeric(view) { numeric += 1 }
    if numbers != 0 { takeNumber(view) }
    if dates?.isEmpty != true { takeDate(view) }
  }

  private func null(_ view: ByteView) -> Int? {
    Self.nullBytes.firstIndex { bytes in bytes.count == view.count && bytes.withView { $0 == view } }
  }

  private mutating func takeWord(_ view: ByteView) {
    guard let known = words else { return }
    if known.contains(where: { word in word.withView { $0 == view } }) { return }
    words = known.count < Self.mostWords && view.count <= Self.longestWord ? known + [view.array] : nil
  }

  private func isNumeric(_ view: ByteView) -> Bool {
    for index in 0..<view.count {
      switch view[index] {
      case 0x30...0x39, 0x2E, 0x2C, 0x2D, 0x2B: continue
      default: return false
      }
    }
    return true
  }

  private mutating func takeNumber(_ view: ByteView) {
    var count = 0
    var signs = 0
    for index in 0..<view.count {
      if (0x30...0x39).contains(view[index]) { count += 1 } else { signs += 1 }
    }
    digits = max(digits, count)
    let start = view[0] == 0x2D || view[0] == 0x2B ? 1 : 0
    if view.count > start + 1, view[start] == 0x30, (0x30...0x39).contains(view[start + 1]) { hasLeadingZero = true }
    if signs == 0 { return }
    for (index, notation) in Notations.numbers.enumerated() where numbers & (1 << index) != 0 {
      let fault = DecimalText.parse(view, notation: notation, scale: 0).fault
      let isGrouped = notation.thousands.map { view.firstIndex(of: $0) != nil } ?? false
      // 0.750 is no group of thousands.
      if fault == .notANumber || fault == .overflow || isGrouped && view[start] == 0x30 {
        numbers &= ~(1 << index)
      } else if isGrouped {
        grouped |= 1 << index
      }
    }
    decimals.point = max(decimals.point, Self.decimals(view, 0x2E))
    decimals.comma = max(decimals.comma, Self.decimals(view, 0x2C))
  }

  /// Digits behind the last `sign`.
  private static func decimals(_ view: ByteView, _ sign: UInt8) -> Int {
    var count = 0
    for index in (0..<view.count).reversed() {
      if view[index] == sign { return count }
      if (0x30...0x39).contains(view[index]) { count += 1 }
    }
    return 0
  }

  private mutating func takeDate(_ view: ByteView) {
    guard view.count >= 6, view.count <= 32 else {
      dates = []
      return
    }
    dates = (dates ?? Array(Notations.dates.indices)).filter { index in
      guard let seconds = Notations.dates[index].compiled.seconds(view) else { return false }
      // A run of digits is a date only from 1900 to 2099, or for ever.
      let isRun = !view.array.contains { !(0x30...0x39).contains($0) }
      return !isRun || (-2_208_988_800..<4_102_444_800).contains(seconds) || seconds >= 253_370_764_800
    }
  }
}
