import Tabular

/// Chooses the element of an XML document that is a record, and the paths of its fields.
struct RecordFinder {
  /// A field's path.
  struct Path: Equatable {
    /// As definitions write it, below the record.
    var text: String
    /// What a field could be called: the last steps, the longer the further.
    var names: [String]
    /// Whether a record may have several of it.
    var isRepeated: Bool
  }

  /// Elements that are records in formats that everybody knows.
  private static let usual: Set<String> = [
    "ARTICLE", "PRODUCT", "CatalogueLine", "ItemMaster", "E1MARAM", "IndexItemAdd",
  ]
  /// How names of records end elsewhere.
  private static let endings = ["item", "line", "article", "product", "record", "row", "entry", "position", "itemout"]
  /// The most fields that a definition is given.
  static let mostFields = 400
  private static let mostRivals = 3
  /// Attributes by which repeated elements are told apart.
  private static let dividers: Set<String> = [
    "lang", "language", "languageid", "locale", "type", "scope", "channel", "currency", "currencyid", "qualifier",
    "schemeid", "name", "code", "key", "role", "unit", "usage",
  ]

  let outline: XMLOutline
  /// Elements in each node, its own included.
  private let weights: [Int]
  /// Whether local names alone would mix elements of several namespaces.
  let namespaces: [String: String]
  private let prefixes: [String: String]

  init(_ outline: XMLOutline) {
    self.outline = outline
    var weights = outline.nodes.map(\.count)
    for node in outline.nodes.indices.reversed() where node > 0 { weights[outline.nodes[node].parent] += weights[node] }
    self.weights = weights
    let isMixed = outline.nodes.contains { node in
      let names = node.children.map { outline.nodes[$0].name.local }
      return Set(names).count < names.count
    }
    var namespaces: [String: String] = [:]
    var prefixes: [String: String] = [:]
    if isMixed {
      for uri in outline.nodes.compactMap(\.name.uri) where prefixes[uri] == nil {
        let prefix = "n\(prefixes.count + 1)"
        prefixes[uri] = prefix
        namespaces[prefix] = uri
      }
    }
    self.namespaces = namespaces
    self.prefixes = prefixes
  }

  /// The record's node with how sure that is; `skipping`: nodes that are no use as a record. Nil when nothing is left.
  func record(skipping: Set<Int> = []) -> (node: Int, guess: Guess)? {
    guard outline.root != nil else { return nil }
    let repeated = outline.nodes.indices.filter { node in
      node > 0 && outline.nodes[node].most > 1 && !skipping.contains(node)
    }
    let known = outline.nodes.indices.filter {
      Self.usual.contains(outline.nodes[$0].name.local) && hasParts($0) && !skipping.contains($0)
    }
    if let node = known.max(by: { weights[$0] < weights[$1] }) {
      return (node, guess(node, .certain, "it is what this format calls a record", rivals: []))
    }
    let outer = repeated.filter { node in !ancestors(node).contains { repeated.contains($0) } }
    let structured = outer.filter(hasParts)
    if let heaviest = structured.max(by: { likeness($0) < likeness($1) }) {
      let node = descend(heaviest, skipping)
      let rivals = (structured + [heaviest]).filter { $0 != node } + repeated.filter { hasParts($0) && $0 != node }
      let isClear = weights[node] * 10 > weights[0] * 8
      return (
        node,
        guess(
          node, isClear && node == heaviest ? .likely : .unsure,
          "it is repeated (\(outline.nodes[node].count)) and holds other elements", rivals: rivals)
      )
    }
    return alone(repeated, skipping)
  }

  /// How much of the document a node makes up; more where its name is that of records.
  private func likeness(_ node: Int) -> Int {
    let name = outline.nodes[node].name.local.lowercased()
    return weights[node] * (Self.endings.contains { name.hasSuffix($0) } ? 4 : 1)
  }

  /// A document without repeated parts is one record; of repeated values each is one.
  private func alone(_ repeated: [Int], _ skipping: Set<Int>) -> (node: Int, guess: Guess)? {
    guard var node = outline.root else { return nil }
    if let value = repeated.max(by: { weights[$0] < weights[$1] }), outline.nodes[value].depth == 2 {
      return (value, guess(value, .unsure, "it is repeated (\(outline.nodes[value].count))", rivals: [node]))
    }
    while outline.nodes[node].children.count == 1, let child = outline.nodes[node].children.first, hasParts(child) {
      node = child
    }
    guard !skipping.contains(node) else { return nil }
    return (node, guess(node, .unsure, "nothing with parts is repeated, so the document is one record", rivals: []))
  }

  private func guess(_ node: Int, _ certainty: Guess.Certainty, _ why: String, rivals: [Int]) -> Guess {
    var others: [String] = []
    for rival in rivals.map(path) where !others.contains(rival) && others.count < Self.mostRivals {
      others.append(rival)
    }
    return Guess("record", path(node), certainty, why, others: others)
  }

  /// From lists of lists down to what the document is mostly made of: a node with hardly a value of its own gives way
  /// to what is repeated in it.
  private func descend(_ start: Int, _ skipping: Set<Int>) -> Int {
    var node = start
    while true {
      let inner = outline.below(node).filter {
        outline.nodes[$0].most > 1 && hasParts($0) && !skipping.contains($0)
      }
      guard let next = inner.max(by: { weights[$0] < weights[$1] }) else { return node }
      let own = values(node).filter { !$0.isRepeated }.count
      let isMost = weights[next] * 10 > weights[node] * 6 && outline.nodes[next].count >= 2 * outline.nodes[node].count
      guard own <= 3, isMost else { return node }
      node = next
    }
  }

  private func ancestors(_ node: Int) -> [Int] {
    var found: [Int] = []
    var current = outline.nodes[node].parent
    while current > 0 {
      found.append(current)
      current = outline.nodes[current].parent
    }
    return found
  }

  private func hasParts(_ node: Int) -> Bool {
    !outline.nodes[node].children.isEmpty || !outline.nodes[node].attributes.isEmpty
  }

  // MARK: - Paths

  /// A node's path from the root, as definitions write it.
  func path(_ node: Int) -> String {
    node == 0 ? "" : path(outline.nodes[node].parent) + "/" + step(outline.nodes[node].name)
  }

  private func step(_ name: XMLOutline.Name) -> String {
    guard let uri = name.uri, let prefix = prefixes[uri] else { return name.local }
    return "\(prefix):\(name.local)"
  }

  /// The paths of all values below a record, in the document's order.
  func values(_ record: Int) -> [Path] {
    var paths: [Path] = []
    collect(record, from: "", names: [], isRepeated: false, into: &paths)
    var seen: Set<String> = []
    return paths.filter { seen.insert($0.text).inserted }
  }

  /// The attribute that tells the repeated elements of a node apart, such as their language, with its values.
  private func divider(of index: Int) -> (attribute: String, values: [String])? {
    let node = outline.nodes[index]
    guard node.most > 1 else { return nil }
    for attribute in node.attributes where attribute.count == node.count {
      let name = attribute.name.local.lowercased()
      guard Self.dividers.contains(name) || name.hasSuffix("_type"), let values = attribute.values, values.count > 1,
        values.allSatisfy(Self.isPlain)
      else { continue }
      return (attribute.name.local, values)
    }
    return nil
  }

  /// Whether a value can stand in a condition.
  private static func isPlain(_ value: String) -> Bool {
    !value.isEmpty
      && value.unicodeScalars.allSatisfy { $0 != "\"" && $0 != "]" && $0.properties.generalCategory != .control }
  }

  private func collect(
    _ index: Int, from path: String, names: [String], isRepeated: Bool, without divider: String? = nil,
    into paths: inout [Path]
  ) {
    guard paths.count <= 4 * Self.mostFields else { return }
    let node = outline.nodes[index]
    for attribute in node.attributes where attribute.name.local != divider {
      let name = attribute.name.local
      paths.append(
        Path(
          text: (path.isEmpty ? "" : path + "/") + "@" + name, names: names + [name], isRepeated: isRepeated))
    }
    let isValue = node.children.isEmpty || node.texts > 0
    if isValue {
      let isEmptyRecord = path.isEmpty && node.texts == 0
      if !isEmptyRecord {
        let name = names.isEmpty ? [node.name.local] : names
        paths.append(Path(text: path.isEmpty ? "." : path, names: name, isRepeated: isRepeated))
      }
      return
    }
    for child in node.children {
      let name = outline.nodes[child].name
      if let (attribute, values) = self.divider(of: child) {
        for value in values {
          collect(
            child, from: (path.isEmpty ? "" : path + "/") + step(name) + "[@\(attribute)=\"\(value)\"]",
            names: names + ["\(name.local) \(value)"], isRepeated: isRepeated, without: attribute, into: &paths)
        }
        continue
      }
      collect(
        child, from: (path.isEmpty ? "" : path + "/") + step(name), names: names + [name.local],
        isRepeated: isRepeated || outline.nodes[child].most > 1, into: &paths)
    }
  }

  /// Names for fields: the last step where that is enough to tell them apart, else the last two, else all.
  static func labels(_ paths: [Path]) -> [String] {
    var labels = paths.map { $0.names.last ?? "value" }
    for depth in 2...3 {
      let names = FieldPlain.names(labels)
      let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
      for index in labels.indices where counts[names[index]] ?? 0 > 1 {
        labels[index] = paths[index].names.suffix(depth == 2 ? 2 : paths[index].names.count).joined(separator: " ")
      }
    }
    return labels
  }

  /// Values that stand before the records, once for all of them.
  func headers(_ record: Int) -> [String] {
    var found: [String] = []
    for index in outline.nodes.indices where index > 0 && index < record && found.count < 8 {
      let node = outline.nodes[index]
      let isSingle = node.count == 1 && node.children.isEmpty && node.texts == 1
      if isSingle, !outline.below(record).contains(index) { found.append(path(index)) }
    }
    return found
  }
}

/// Names of fields without regard to others.
enum FieldPlain {
  /// A name for each column, alike for columns that are called alike.
  static func names(_ columns: [String]) -> [String] { columns.map { FieldNames.names(for: [$0])[0] } }
}
