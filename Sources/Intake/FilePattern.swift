import Streams

/// Whether absence means removal.
package enum DropMode: String, Sendable, Codable {
  /// A key that is absent is removed.
  case full
  /// Only what changed.
  case delta
}

/// One file pattern of a feed with its mode and captures.
///
/// In a pattern `*` stands for any run of characters and `?` for one, neither of them a slash; `{name}` captures a run
/// of letters, digits, `-` and `_`; `{name:PATTERN}` captures a date written by PATTERN (`yyyyMMdd`, `yyyyMMddHHmm` …);
/// `as_of` and `sequence` have meaning, other names become `file.NAME`. Everything else stands for itself.
package struct FilePattern: Sendable, Equatable {
  /// The pattern as written.
  package var match: String
  /// Full or delta.
  package var mode: DropMode
  /// The time of day (seconds since midnight, feed's zone) at which a capture that names only a day speaks.
  package var at: Int?
  /// Where it is defined.
  package var position: Position

  /// A pattern; `parse` in this layer compiles and checks it.
  package init(match: String, mode: DropMode, at: Int? = nil, position: Position = Position(line: 1)) {
    self.match = match
    self.mode = mode
    self.at = at
    self.position = position
  }
}

/// When a file of a feed is taken.
package struct IntakeRules: Sendable, Equatable {
  /// Seconds of unchanged size and modification time, by the monotonic clock.
  package var quiet: Double
  /// Seconds after which an incomplete file is quarantined.
  package var incompleteAfter: Double
  /// Marker file name with `{name}` for the data file's name (`{name}.ok`); nil: none is wanted.
  package var marker: String?
  /// What the marker says about the file; nil: that it is whole, and nothing more.
  package var markerForm: DeliveryNote.Form?
  /// Whether the sequence captured must be gapless.
  package var isSequenceContinuous: Bool

  /// The defaults of `product.md`: quiet 5 s, quarantine after 15 min.
  package init(
    quiet: Double = 5, incompleteAfter: Double = 900, marker: String? = nil, isSequenceContinuous: Bool = false
  ) {
    self.quiet = quiet
    self.incompleteAfter = incompleteAfter
    self.marker = marker
    self.isSequenceContinuous = isSequenceContinuous
  }
}
