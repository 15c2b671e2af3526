import Foundation
import Streams

@testable import Feeds

/// A definition with marks: each `▸` stands right before a place where a problem is expected, and is taken out.
struct MarkedText {
  var text = ""
  var places: [Position] = []

  init(_ marked: String) {
    var line = 1
    var column = 1
    for scalar in marked.unicodeScalars {
      switch scalar {
      case "▸": places.append(Position(line: line, column: column))
      case "\n":
        text.unicodeScalars.append(scalar)
        line += 1
        column = 1
      default:
        text.unicodeScalars.append(scalar)
        column += 1
      }
    }
  }
}

/// A feed that is right, in parts that a test replaces.
struct FeedText {
  var head = "feed: stock"
  var files = "files: 'S_*.csv'\nmode: full"
  var format = "format: { csv: { delimiter: ';' } }"
  var fields = """
    fields:
      sku: { from: ARTICLE, required: true }
      source: PLANT
      qty: { from: ONHAND, type: decimal(4) }
      name: NAME
      since: { from: SINCE, type: date }
      tags: { from: TAGS, type: 'list(,)' }
      active: { from: ACTIVE, type: boolean }
    """
  var key = "key: [sku, source]"
  var more = ""
  var targets = """
    commerce:
      stock_sources:
        columns: { source_code: source, sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
    """

  /// The whole definition.
  var text: String {
    [head, files, format, fields, key, more, targets].filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  /// The same feed with one part replaced.
  func with(_ part: WritableKeyPath<FeedText, String>, _ text: String) -> FeedText {
    var copy = self
    copy[keyPath: part] = text
    return copy
  }
}

/// A project in a temporary directory, removed with the last reference.
final class TemporaryProject {
  let directory: String

  init(_ files: [String: String]) throws {
    directory = NSTemporaryDirectory() + "feeds-tests-" + UUID().uuidString
    for (path, text) in files {
      let url = URL(fileURLWithPath: directory + "/" + path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// The definitions and problems of its feeds.
  func load() -> LoadedFeeds { FeedLoader.load(ProjectDefinition(directory: directory)) }
}

/// Reads one definition that needs no lookup files.
func read(_ text: String) -> (feed: FeedDefinition?, problems: [SluiceError]) {
  FeedLoader.read(text: text, path: "feeds/stock.yaml", directory: "/nonexistent")
}

/// `line:column code`, for short expectations.
func brief(_ problems: [SluiceError]) -> [String] {
  problems.map { "\($0.position?.line ?? 0):\($0.position?.column ?? 0) \($0.code)" }
}

/// The problems of a marked definition and those expected: the code at every mark.
func compare(_ marked: String, code: String) -> (found: [String], expected: [String], problems: [SluiceError]) {
  let definition = MarkedText(marked)
  let (_, problems) = read(definition.text)
  return (brief(problems), definition.places.map { "\($0.line):\($0.column ?? 0) \(code)" }, problems)
}
