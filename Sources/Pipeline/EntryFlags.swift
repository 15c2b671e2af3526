import Diff

/// The word of flags that a snapshot entry carries.
///
/// | bits | mean |
/// | --- | --- |
/// | 0 | live |
/// | 1 | the zeroed guard's field is above zero |
/// | 2 to 29 | two a state target: 0 never sent, 1 sent, 2 removed, 3 pending |
/// | 30 | some of the targets were added after the entry was written: the image names them |
/// | 31 | unsettled: written while its group was withheld |
///
/// In an unsettled entry, 1 is a row that may have changed since it was sent, and 3 a row that comes or goes with its
/// group: it goes when the target's digest is zero.
struct EntryFlags: BitwiseCopyable, Equatable {
  private static let lacking: UInt32 = 1 << 30
  private static let unsettled: UInt32 = 1 << 31

  var word: UInt32

  init(word: UInt32) { self.word = word }

  init(isLive: Bool, isPositive: Bool) { word = (isLive ? 1 : 0) | (isPositive ? 2 : 0) }

  /// Not a tombstone of the whole key.
  var isLive: Bool { word & 1 != 0 }
  /// The zeroed guard's field is above zero.
  var isPositive: Bool { word & 2 != 0 }

  /// Some targets were added after the entry was written.
  var lacksTargets: Bool {
    @inline(__always) get { word & Self.lacking != 0 }
    set { word = newValue ? word | Self.lacking : word & ~Self.lacking }
  }

  /// Something of the entry waits for its group to go out.
  var isUnsettled: Bool {
    @inline(__always) get { word & Self.unsettled != 0 }
    set { word = newValue ? word | Self.unsettled : word & ~Self.unsettled }
  }

  /// What a state target has of the key; what is pending was never sent, or still stands (`KeyDecider.oldKey`).
  @inline(__always)
  func state(_ index: Int) -> OldState {
    switch (word >> UInt32(2 + 2 * index)) & 3 {
    case 1: .sent
    case 2: .tombstone
    default: .never
    }
  }

  @inline(__always)
  mutating func set(_ index: Int, _ state: OldState) {
    let bits: UInt32 =
      switch state {
      case .never: 0
      case .sent: 1
      case .tombstone: 2
      }
    set(index, bits: bits)
  }

  /// Whether the row of a state target comes or goes with its group.
  func isPending(_ index: Int) -> Bool { (word >> UInt32(2 + 2 * index)) & 3 == 3 }

  /// Makes the row of a state target wait for its group.
  mutating func setPending(_ index: Int) {
    set(index, bits: 3)
    isUnsettled = true
  }

  /// Takes the bits of a state target from another word.
  mutating func take(_ index: Int, from other: EntryFlags, at place: Int) {
    set(index, bits: (other.word >> UInt32(2 + 2 * place)) & 3)
  }

  @inline(__always)
  private mutating func set(_ index: Int, bits: UInt32) {
    let shift = UInt32(2 + 2 * index)
    word = word & ~(3 << shift) | bits << shift
  }
}
