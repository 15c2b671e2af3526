import Foundation

/// Runs every file of a folder with a manifest against the outcome that it must have.
@main
enum Conformance {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      write("conformance FOLDER: the folder holds MANIFEST.jsonl")
      exit(2)
    }
    let folder = CommandLine.arguments[1]
    do {
      var report = Report()
      for entry in try ManifestEntry.all(in: folder) {
        report.add(entry, Checks.check(entry, in: folder))
      }
      write(report.text)
      exit(report.failed.isEmpty ? 0 : 1)
    } catch {
      write("conformance: \(folder)/MANIFEST.jsonl can not be read: \(error)")
      exit(2)
    }
  }

  private static func write(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }
}
