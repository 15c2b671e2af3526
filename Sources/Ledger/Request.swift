/// What a person asked to be sent, in the place of a file that was dropped.
package struct Request: Sendable, Equatable {
  /// What is asked for.
  package enum Kind: String, Codable, Sendable {
    /// The feed's whole current state.
    case resync
    /// The values from before a drop.
    case revert
    /// The current rows of the keys of an output.
    case resend
  }

  /// What is asked for.
  package var kind: Kind
  /// The drop that is taken back, or that wrote the output; nil for `resync`.
  package var drop: Int?
  /// Who asks, and why.
  package var decision: Decision

  /// A request.
  package init(kind: Kind, drop: Int? = nil, decision: Decision) {
    self.kind = kind
    self.drop = drop
    self.decision = decision
  }
}
