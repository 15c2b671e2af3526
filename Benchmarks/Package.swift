// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building or testing Sluice never builds this.

let package = Package(
  name: "benchmarks",
  targets: [
    .executableTarget(name: "workload", swiftSettings: [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]),
    .executableTarget(name: "bench"),
  ],
  swiftLanguageModes: [.v6]
)
