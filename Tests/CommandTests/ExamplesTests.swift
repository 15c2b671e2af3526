import Glibc
import TestSupport
import Testing

/// The projects under `docs/examples`, each run on the sample beside it.
@Suite("Examples")
struct ExamplesTests {
  private static let examples = ["akeneo", "bmecat", "bmecat-2005"]

  /// A golden case made of a copy of the example: its samples are dropped, on one day or two, and wait for nobody.
  ///
  /// With `RECORD=1` the expectation is written into the example, and the test fails.
  @Test("An example publishes from its sample what it says", arguments: examples)
  func sample(name: String) throws {
    let example = "\(BuildProducts.repository)/docs/examples/\(name)"
    let copy = try TemporaryDirectory("sluice-example")
    for part in ["feeds", "lookups", "expected"] { try FileTree.copy("\(example)/\(part)", into: copy(part)) }
    for (sample, inbox) in [("sample", "inbox"), ("sample-2", "inbox-2")] {
      try FileTree.copy("\(example)/\(sample)", into: copy(inbox))
    }
    try FileTree.write(try FileTree.read("\(example)/sluice.yaml"), to: copy("sluice.yaml"))
    for feed in FileTree.files(below: copy("feeds")) {
      try FileTree.write(
        try FileTree.text(copy("feeds/\(feed)")) + "\nintake: { quiet: 0 }\n", to: copy("feeds/\(feed)"))
    }
    let differences = try GoldenCase(folder: copy.path).run()
    if getenv("RECORD") != nil {
      FileTree.remove("\(example)/expected")
      try FileTree.copy(copy("expected"), into: "\(example)/expected")
    }
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test("Every example is run by a test, and has no problem")
  func check() throws {
    let folder = "\(BuildProducts.repository)/docs/examples"
    #expect(FileTree.names(in: folder).filter { FileTree.isDirectory("\(folder)/\($0)") } == Self.examples)
    for name in Self.examples {
      let result = try TestProject().sluice("check", "--project", "\(folder)/\(name)")
      #expect(result.status == 0, "\(name): \(result.output)\(result.errors)")
    }
  }
}
