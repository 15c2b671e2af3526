/// The rules that the sources are held to, in one place: change them here, with the reason in the commit.
enum HouseRules {
  /// A file has fewer lines than this.
  static let linesPerFile = 400
  /// No line has more characters than this (`.swift-format` says the same).
  static let charactersPerLine = 120

  /// What must not stand in `Sources`, comments included.
  static let bannedWords = ["try!", "as!", "fatalError(", " print(", "TODO", "FIXME"]

  /// What each layer may import of ours: only what is below it.
  static let layers: [String: Set<String>] = [
    "Streams": ["CZlib", "CCrypto"],
    "Tabular": ["Streams", "CLibXML2"],
    "Records": ["Streams", "Tabular"],
    "Diff": ["Streams", "Tabular", "Records"],
    "Targets": ["Streams", "Tabular", "Records", "Diff"],
    "Intake": ["Streams"],
    "Outbox": ["Streams"],
    "Ledger": ["Streams"],
    "Feeds": ["Streams", "Tabular", "Records", "Diff", "Targets", "Intake"],
    "Pipeline": ["Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds"],
    "Service": [
      "Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds", "Pipeline",
    ],
    "sluice": [
      "Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds", "Pipeline", "Service",
    ],
  ]

  /// Which layers may import a package of somebody else.
  static let thirdParties: [String: Set<String>] = [
    "ArgumentParser": ["sluice"],
    "Logging": ["Service", "sluice"],
    "GRDB": ["Ledger"],
    "Yams": ["Feeds"],
  ]

  /// What comes with the toolchain.
  static let system: Set<String> = ["Glibc", "Foundation", "FoundationEssentials", "Dispatch", "Synchronization"]

  /// The only files that may spell `Unsafe`: each walls pointers into a small safe type and writes its invariants down.
  static let unsafeFiles: Set<String> = [
    "Sources/Streams/ByteArena.swift",
    "Sources/Streams/ByteView.swift",
    "Sources/Tabular/RowBatch.swift",
  ]
}
