// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building or testing Sluice never builds this.

let package = Package(
  name: "benchmarks",
  products: [
    // Preloaded into the binary by the benchmark, never linked: it counts allocations and samples where time goes.
    .library(name: "Probe", type: .dynamic, targets: ["CProbe"])
  ],
  targets: [
    .executableTarget(name: "workload", swiftSettings: [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]),
    .executableTarget(name: "limits", swiftSettings: [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]),
    .executableTarget(name: "measure"),
    .executableTarget(name: "bench"),
    .target(name: "CProbe"),
  ],
  swiftLanguageModes: [.v6]
)
