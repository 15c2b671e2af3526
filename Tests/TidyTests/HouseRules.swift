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
    "Targets": ["Streams", "Tabular", "Records", "Diff", "Outbox"],
    "Intake": ["Streams"],
    "Outbox": ["Streams", "CCrypto"],
    "Ledger": ["Streams", "CCrypto"],
    "Feeds": ["Streams", "Tabular", "Records", "Diff", "Targets", "Intake"],
    "Pipeline": ["Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds"],
    "Service": [
      "Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds", "Pipeline",
    ],
    "Sniffing": ["Streams", "Tabular", "Records", "Intake", "Feeds", "Pipeline"],
    "sluice": [
      "Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds", "Pipeline", "Service",
      "Sniffing",
    ],
  ]

  /// Which layers may import a package of somebody else.
  static let thirdParties: [String: Set<String>] = [
    "ArgumentParser": ["sluice"],
    "Logging": ["Service", "sluice"],
    "GRDB": ["Ledger"],
    "GRDBSQLite": ["Ledger"],
    "Yams": ["Feeds"],
  ]

  /// What comes with the toolchain.
  static let system: Set<String> = [
    "Glibc", "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "CMalloc",
  ]

  /// The only files that may spell `Unsafe`: each walls pointers into a small safe type and writes its invariants down,
  /// or hands bytes to a system call. A new one is a decision, to be explained in its commit.
  static let unsafeFiles: Set<String> = [
    "Sources/Diff/BlockChecksum.swift",
    "Sources/Diff/EntryRun.swift",
    "Sources/Diff/KeyHash.swift",
    "Sources/Diff/PartitionedFile.swift",
    "Sources/Diff/RepeatFinder.swift",
    "Sources/Diff/RepeatTable.swift",
    "Sources/Diff/RunFile.swift",
    "Sources/Diff/RunMerger.swift",
    "Sources/Diff/SegmentCursor.swift",
    "Sources/Diff/SnapshotCursor.swift",
    "Sources/Diff/SnapshotEntry.swift",
    "Sources/Diff/SnapshotFormat.swift",
    "Sources/Diff/SnapshotReader.swift",
    "Sources/Intake/FileCalls.swift",
    "Sources/Intake/SystemNames.swift",
    "Sources/Ledger/SHA256Digest.swift",
    "Sources/Outbox/DropLock.swift",
    "Sources/Outbox/FileCalls.swift",
    "Sources/Outbox/StagedFile.swift",
    "Sources/Outbox/SystemNames.swift",
    "Sources/Records/DateText.swift",
    "Sources/Records/FixedBuffer.swift",
    "Sources/Records/LookupTable.swift",
    "Sources/Records/PatternAutomaton.swift",
    "Sources/Records/TextReplace.swift",
    "Sources/Streams/ByteArena.swift",
    "Sources/Streams/ByteSource.swift",
    "Sources/Streams/ByteView.swift",
    "Sources/Streams/ContentHash.swift",
    "Sources/Streams/FileSystem.swift",
    "Sources/Streams/GzipInflater.swift",
    "Sources/Streams/HandoverQueue.swift",
    "Sources/Streams/Iconv.swift",
    "Sources/Streams/InputFile.swift",
    "Sources/Streams/OutputFile.swift",
    "Sources/Streams/PositionedFile.swift",
    "Sources/Streams/ReadAheadSource.swift",
    "Sources/Streams/RowDigest.swift",
    "Sources/Streams/Transcoder.swift",
    "Sources/Streams/UTF16Decoder.swift",
    "Sources/Streams/UTF8Check.swift",
    "Sources/Tabular/CSVSplitter.swift",
    "Sources/Tabular/FooterSource.swift",
    "Sources/Tabular/RowBatch.swift",
    "Sources/Tabular/StructuralScanner.swift",
    "Sources/Tabular/XMLEvents.swift",
    "Sources/Tabular/XMLOutlineReader.swift",
    "Sources/Targets/ImageView.swift",
    "Sources/Tabular/XMLPushParser.swift",
    "Sources/Tabular/XMLRecordBuilder.swift",
    "Sources/Tabular/XMLRecordReader.swift",
    "Sources/Tabular/XMLText.swift",
    "Sources/Tabular/XMLValues.swift",
    "Sources/Targets/ImageBuilder.swift",
  ]
}
