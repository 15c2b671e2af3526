/// The counts of one value of the key part that a feed's guards are judged `by`.
public struct PartitionCounts: Equatable, Sendable {
  /// The value, in the form that the key has.
  public var name: String
  /// Live keys before.
  public var keysBefore: Int
  /// Of these, the ones whose watched field was above zero.
  public var positiveBefore: Int
  /// Of these, the ones that vanished.
  public var removed = 0
  /// The ones that changed.
  public var changed = 0
  /// Those above zero that went to zero or vanished.
  public var zeroed = 0

  /// Counts of a partition that nothing happened to.
  public init(name: String, keysBefore: Int = 0, positiveBefore: Int = 0) {
    self.name = name
    self.keysBefore = keysBefore
    self.positiveBefore = positiveBefore
  }
}

/// What the guards look at: the counts of one drop against its feed's snapshot.
public struct GuardCounts: Sendable {
  /// The drop is a full: an absent key is a removal.
  public var isFull: Bool
  /// The feed has published nothing yet, so there is nothing to compare with.
  public var isFirst: Bool
  /// Data rows read; header, preamble, comment and trailer lines excluded.
  public var read: Int
  /// Rows that broke a rule.
  public var rejected: Int
  /// Rows that were neither rejected nor superseded.
  public var accepted: Int
  /// Live keys of the snapshot before this drop.
  public var keysBefore: Int
  /// Keys that vanished.
  public var removed: Int
  /// Keys with a changed row in any target.
  public var changed: Int
  /// Keys whose watched field was above zero before.
  public var positiveBefore: Int
  /// Of these, the ones that went to zero or vanished.
  public var zeroed: Int
  /// Keys that were not live before.
  public var new = 0
  /// Keys whose watched number moved too far (`SwingRule`).
  public var swung = 0
  /// Keys that went to zero within the guard's time, this drop included and those that came back taken off, and the
  /// most keys above zero within it; nil: they are not summed up.
  public var zeroedWithin: (zeroed: Int, positiveBefore: Int)?
  /// Live keys once the drop is published.
  public var liveAfter = 0
  /// The median of the live keys after the last fulls; nil: there were none.
  public var medianLive: Int?
  /// The values of the key part that is judged by itself; empty: none is.
  public var partitions: [PartitionCounts] = []

  /// Counts, zero unless given.
  public init(
    isFull: Bool, isFirst: Bool, read: Int = 0, rejected: Int = 0, accepted: Int = 0, keysBefore: Int = 0,
    removed: Int = 0, changed: Int = 0, positiveBefore: Int = 0, zeroed: Int = 0
  ) {
    self.isFull = isFull
    self.isFirst = isFirst
    self.read = read
    self.rejected = rejected
    self.accepted = accepted
    self.keysBefore = keysBefore
    self.removed = removed
    self.changed = changed
    self.positiveBefore = positiveBefore
    self.zeroed = zeroed
  }
}

/// A guard that holds the drop.
public struct GuardViolation: Equatable, Sendable, Codable {
  /// Stable code: `guard-removed`, `guard-rejected`, `guard-min-rows` and so on (docs/guards.md has them all).
  public var code: String
  /// What was found, one plain sentence with the numbers, without a full stop.
  public var message: String
  /// What a person can do, one sentence without a full stop.
  public var remedy: String

  /// A violation.
  public init(code: String, message: String, remedy: String) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }
}
