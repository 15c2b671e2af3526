import Diff
import Foundation
import Intake
import Records
import Streams
import Tabular
import Targets

/// A definition that was read, and what later checks need to point into it.
struct LoadedFeed {
  /// The checked definition.
  var definition: FeedDefinition
  /// Where its name stands.
  var namePosition: Position
  /// Where `formerly` stands.
  var formerlyPosition: Position?
}

/// Reads one feed definition. The parts are in extensions, one file each; every part reports all that it finds and
/// leaves out what it can not use.
final class FeedReader {
  /// The definition's text and positions.
  let source: DefinitionSource
  /// What was found wrong.
  let problems: Problems
  /// Lookup tables of the project.
  let lookups: LookupFiles
  /// The fields so far.
  var table = FieldTable(captures: [:])
  /// Paths of the lookup tables used.
  var usedLookups: Set<String> = []
  /// Whether drops are XML.
  var isXML = false
  /// Whether CSV columns have names (else they are counted from 1).
  var hasHeader = true
  /// Names of the columns of fixed width; empty for other formats.
  var fixedColumns: [String] = []
  /// Prefixes declared for XML paths.
  var prefixes: Set<String> = []

  /// Reads the definition in `source`.
  init(source: DefinitionSource, problems: Problems, lookups: LookupFiles) {
    self.source = source
    self.problems = problems
    self.lookups = lookups
  }

  /// The definition, or nil when anything is wrong with it.
  func read() -> LoadedFeed? {
    guard let root = DefinitionParser.parse(source, problems: problems) else {
      if problems.isEmpty {
        problems.add(
          "definition-empty", at: Position(line: 1, column: 1), cause: "the feed definition is empty",
          remedy: "write a definition (sluice init makes one from a sample) or delete the file")
      }
      return nil
    }
    guard let feed = KeyedMapping(root, DefinitionKeys.feed, problems) else { return nil }
    let name = feedName(feed, "feed")
    let formerName = feedName(feed, "formerly")
    let store = feedName(feed, "store") ?? "default"
    let zone = zone(feed)
    let problemsBefore = problems.all.count
    let patterns = patterns(feed)
    table = FieldTable(captures: captures(patterns), lacksCaptures: problems.all.count > problemsBefore)
    let (format, encoding, numbers) = format(feed["format"])
    readFields(feed["fields"])
    let key = key(feed["key"])
    let duplicates = duplicates(feed["duplicates"])
    var guards = guards(feed["guards"], key: key)
    let intake = intake(feed["intake"], patterns: patterns)
    let targets = targets(feed, key: key)
    let deletes = deletes(feed["deletes"], targets: targets)
    let examples = examples(feed["examples"], targets: targets, key: key)
    if guards.zeroedField == nil { guards.zeroedField = defaultZeroedField(targets) }
    guard problems.isEmpty, let name, let format else { return nil }
    let definition = FeedDefinition(
      name: name, formerName: formerName, path: source.path, text: source.text, lookupFiles: lookupContents(),
      store: store, zone: zone, patterns: patterns.map(\.pattern), format: format, encoding: encoding,
      numbers: numbers, fields: table.fields, key: key, duplicates: duplicates, deletes: deletes,
      guards: guards, intake: intake, targets: targets, examples: examples)
    return LoadedFeed(
      definition: definition, namePosition: feed["feed"]?.position ?? feed.position,
      formerlyPosition: feed["formerly"]?.position)
  }

  private func lookupContents() -> [(path: String, content: [UInt8])] {
    var contents: [(path: String, content: [UInt8])] = []
    for path in usedLookups.sorted() {
      if let loaded = try? lookups.load(path) { contents.append((path: path, content: loaded.content)) }
    }
    return contents
  }

  /// A name that stands in file names: letters of ASCII, digits, hyphen and underscore, at most 64.
  private func feedName(_ feed: KeyedMapping, _ key: String) -> String? {
    guard let scalar = problems.scalar(feed[key], what: key) else { return nil }
    let isGood = scalar.text.unicodeScalars.enumerated().allSatisfy { index, letter in
      switch letter {
      case "a"..."z", "A"..."Z", "0"..."9": true
      case "-", "_": index > 0
      default: false
      }
    }
    guard isGood, !scalar.text.isEmpty, scalar.text.utf8.count <= 64 else {
      problems.wrongValue(
        scalar, what: key, takes: "a name of at most 64 letters a to z, digits, - and _",
        remedy: "choose a name such as erp-inventory; it becomes a part of file names")
      return nil
    }
    return scalar.text
  }

  private func zone(_ feed: KeyedMapping) -> String {
    guard let scalar = problems.scalar(feed["zone"], what: "zone") else { return "UTC" }
    if TimeZone(identifier: scalar.text) == nil || scalar.text.isEmpty {
      problems.wrongValue(
        scalar, what: "zone", takes: "an IANA time zone",
        remedy: Suggestion.question(scalar.text, in: TimeZone.knownTimeZoneIdentifiers)
          ?? "write a zone such as Europe/Berlin or UTC")
    }
    return scalar.text
  }

  // MARK: Key and duplicates

  private func key(_ node: DefinitionNode?) -> [FeedDefinition.KeyPart] {
    guard let node else { return [] }
    let nodes: [DefinitionNode] = if case .sequence(let nodes, _) = node { nodes } else { [node] }
    if nodes.isEmpty { problems.wrongType(node, what: "key", takes: "a field or a list of fields") }
    var parts: [FeedDefinition.KeyPart] = []
    var seen: Set<String> = []
    for part in nodes {
      guard let (name, isFolded) = keyPart(part) else { continue }
      if !seen.insert(name.text).inserted {
        problems.add(
          "duplicate-key", at: name.position, cause: "the key names the field \"\(name.text)\" twice",
          remedy: "keep one of them")
        continue
      }
      guard let index = fieldIndex(name, what: "key") else { continue }
      let type = table.fields[index].type
      if type == .list {
        problems.add(
          "key-type", at: name.position, cause: "a list can not be a part of the key",
          remedy: "use a field of another type, or a computed field with join(list, ',')")
      } else if isFolded, type != .text {
        problems.add(
          "key-type", at: name.position, cause: "only texts can be folded, \(name.text) is \(Optional(type).words)",
          remedy: "write the field without fold")
      }
      parts.append(FeedDefinition.KeyPart(field: index, isFolded: isFolded))
    }
    return parts
  }

  private func keyPart(_ node: DefinitionNode) -> (name: DefinitionScalar, isFolded: Bool)? {
    if case .mapping(let entries, _) = node {
      guard entries.count == 1, let entry = entries.first else {
        problems.wrongType(node, what: "a part of the key", takes: "a field, or one field: fold")
        return nil
      }
      guard problems.word(entry.value, what: entry.key.text, among: ["fold"]) != nil else { return nil }
      return (entry.key, true)
    }
    return problems.scalar(node, what: "a part of the key", takes: "a field, or { field: fold }").map { ($0, false) }
  }

  /// The index of a declared field that another key names; nil when unknown (reported) or broken (known already).
  func fieldIndex(_ name: DefinitionScalar, what: String) -> Int? {
    if let index = table.index(of: name.text) { return index }
    if table.broken.contains(name.text) { return nil }
    problems.add(
      "unknown-field", at: name.position, cause: "\(what) names \"\(name.text)\", which is no field",
      remedy: Suggestion.question(name.text, in: table.declaredNames)
        ?? "name one of the fields, or define it under fields")
    return nil
  }

  private func duplicates(_ node: DefinitionNode?) -> FeedDefinition.Duplicates {
    guard let node else { return .reject }
    if case .mapping = node {
      guard let mapping = KeyedMapping(node, DefinitionKeys.duplicates, problems),
        let name = problems.scalar(mapping["latest"], what: "latest"), let index = fieldIndex(name, what: "latest")
      else { return .reject }
      let type = table.fields[index].type
      if type == .list || type == .boolean || type == .text {
        problems.add(
          "latest-type", at: name.position, cause: "\(Optional(type).words) has no latest value",
          remedy: "name a field with a date or a number; give the field the type date, datetime or integer")
      }
      return .latest(field: index)
    }
    switch problems.word(node, what: "duplicates", among: ["first", "last", "reject"]) {
    case "first": return .first
    case "last": return .last
    default: return .reject
    }
  }
}
