// swift-tools-version: 6.2
import PackageDescription

// One target a layer; imports only point downwards (docs/architecture.md). Third-party packages are imported by
// `sluice`, `Service`, `Feeds` and `Ledger` alone.

let layer: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "sluice", targets: ["sluice"]),
    // Preloaded into the binary by tests, never linked: it interposes the calls that change files.
    .library(name: "CrashPoint", type: .dynamic, targets: ["CCrashPoint"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    // mallopt(3), which the Glibc module leaves out.
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    .target(name: "Streams", dependencies: ["CZlib", "CCrypto"], swiftSettings: layer),
    .target(name: "Tabular", dependencies: ["Streams", "CLibXML2"], swiftSettings: layer),
    .target(name: "Records", dependencies: ["Streams", "Tabular"], swiftSettings: layer),
    .target(name: "Diff", dependencies: ["Streams", "Records"], swiftSettings: layer),
    .target(name: "Targets", dependencies: ["Streams", "Tabular", "Records", "Diff", "Outbox"], swiftSettings: layer),
    .target(name: "Intake", dependencies: ["Streams"], swiftSettings: layer),
    .target(name: "Outbox", dependencies: ["Streams", "CCrypto"], swiftSettings: layer),
    .target(
      name: "Ledger", dependencies: ["Streams", "CCrypto", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: layer),
    .target(
      name: "Feeds",
      dependencies: [
        "Streams", "Tabular", "Records", "Diff", "Targets", "Intake", .product(name: "Yams", package: "Yams"),
      ], swiftSettings: layer),
    .target(
      name: "Pipeline",
      dependencies: ["Streams", "Tabular", "Records", "Diff", "Targets", "Intake", "Outbox", "Ledger", "Feeds"],
      swiftSettings: layer),
    .target(
      name: "Service", dependencies: ["Pipeline", "Streams", .product(name: "Logging", package: "swift-log")],
      swiftSettings: layer),
    .target(
      name: "Sniffing", dependencies: ["Pipeline", "Feeds", "Intake", "Records", "Tabular", "Streams"],
      swiftSettings: layer),
    .executableTarget(
      name: "sluice",
      dependencies: [
        "Service", "Sniffing", "Pipeline", "Feeds", "Ledger", "Intake", "Outbox", "Streams", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: layer),

    .executableTarget(
      name: "conformance", dependencies: ["Records", "Tabular", "Streams"], path: "Conformance", swiftSettings: layer),

    .target(name: "TestSupport", dependencies: ["Streams"], path: "Tests/TestSupport", swiftSettings: layer),
    .target(name: "CCrashPoint", path: "Tests/CrashPoint", linkerSettings: [.linkedLibrary("dl")]),
    .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], swiftSettings: layer),
    .testTarget(name: "TidyTests", swiftSettings: layer),
    .testTarget(name: "StreamsTests", dependencies: ["Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(name: "TabularTests", dependencies: ["Tabular", "Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(
      name: "RecordsTests",
      dependencies: ["Records", "Tabular", "Streams", "TestSupport"],
      swiftSettings: layer),
    .testTarget(name: "DiffTests", dependencies: ["Diff", "Records", "Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(
      name: "TargetsTests",
      dependencies: ["Targets", "Diff", "Records", "Tabular", "Streams", "TestSupport"],
      swiftSettings: layer),
    .testTarget(name: "IntakeTests", dependencies: ["Intake", "Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(name: "OutboxTests", dependencies: ["Outbox", "Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(
      name: "FeedsTests",
      dependencies: ["Feeds", "Targets", "Diff", "Records", "Tabular", "Intake", "Streams", "TestSupport"],
      swiftSettings: layer),
    .testTarget(
      name: "PipelineTests",
      dependencies: [
        "Pipeline", "Feeds", "Ledger", "Outbox", "Intake", "Targets", "Diff", "Records", "Tabular", "Streams",
        "TestSupport",
      ],
      swiftSettings: layer),
    .testTarget(
      name: "SniffingTests",
      dependencies: ["Sniffing", "Feeds", "Intake", "Tabular", "Streams", "TestSupport"], swiftSettings: layer),
    .testTarget(name: "CommandTests", dependencies: ["sluice", "TestSupport"], swiftSettings: layer),
  ],
  swiftLanguageModes: [.v6]
)
