/// A bound on a count: a share of something, or an absolute number.
public enum GuardLimit: Equatable, Sendable {
  /// Parts per million of the denominator; 5 % is 50,000.
  case share(partsPerMillion: Int)
  /// An absolute count.
  case count(Int)
  /// Never holds.
  case off
}

/// How far a number may move from one publication to the next.
public struct SwingRule: Equatable, Sendable {
  /// Index of the field.
  public var field: Int
  /// A key counts when its number moved by more than this share of what it was, in parts per million; 500,000 is by
  /// half.
  public var by: Int
  /// How many keys may, over the live keys before.
  public var limit: GuardLimit

  /// A rule.
  public init(field: Int, by: Int, limit: GuardLimit) {
    self.field = field
    self.by = by
    self.limit = limit
  }
}

/// The guards of a feed, with the defaults of `semantics.md`. All hold strictly above their limit.
public struct GuardRules: Equatable, Sendable {
  /// Keys that vanished, over the live keys before.
  public var maximumRemoved: GuardLimit
  /// Rejected rows, over the rows read.
  public var maximumRejected: GuardLimit
  /// Keys whose value went to zero or vanished, over the keys above zero before.
  public var maximumZeroed: GuardLimit
  /// Index of the field that `maximumZeroed` looks at; nil: the guard does not apply.
  public var zeroedField: Int?
  /// Keys that changed in a full, over the live keys before.
  public var maximumChanged: GuardLimit
  /// Rows (of the denominator) below which share limits do not apply.
  public var atLeast: Int
  /// A first or later full must have at least this many rows.
  public var minimumRows: Int?
  /// A first or later full must have at most this many rows.
  public var maximumRows: Int?
  /// Keys that were not live before, over the live keys before.
  public var maximumNew = GuardLimit.off
  /// Seconds over which `maximumZeroed` is summed up as well; nil: each drop is judged by itself alone.
  public var zeroedWithin: Int?
  /// How far the live keys may fall below the median of those after the last fulls.
  public var maximumShrink = GuardLimit.off
  /// Numbers that moved far; nil: the guard does not apply.
  public var swing: SwingRule?
  /// Index of the part of the key for each of whose values removed, zeroed and changed keys are judged as well.
  public var partition: Int?

  /// The defaults: removed 5 %, rejected 1 %, zeroed 10 %, changed 50 % of a full.
  public init(
    maximumRemoved: GuardLimit = .share(partsPerMillion: 50_000),
    maximumRejected: GuardLimit = .share(partsPerMillion: 10_000),
    maximumZeroed: GuardLimit = .share(partsPerMillion: 100_000), zeroedField: Int? = nil,
    maximumChanged: GuardLimit = .share(partsPerMillion: 500_000), atLeast: Int = 20, minimumRows: Int? = nil
  ) {
    self.maximumRemoved = maximumRemoved
    self.maximumRejected = maximumRejected
    self.maximumZeroed = maximumZeroed
    self.zeroedField = zeroedField
    self.maximumChanged = maximumChanged
    self.atLeast = atLeast
    self.minimumRows = minimumRows
  }
}
