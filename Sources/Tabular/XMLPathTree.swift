import Streams

/// All paths of a definition as one tree from the document's root, which is walked along with the open elements.
struct XMLPathTree: Sendable {
  /// One element that matters.
  struct Node: Sendable {
    var name: XMLPath.Name
    var predicates: [XMLPath.Predicate]
    var parent: Int
    var children: [Int] = []
    /// Fields that take the text.
    var textFields: [Int] = []
    /// Fields that take an attribute.
    var attributes: [(name: XMLPath.Name, field: Int)] = []
    /// For a child of which a condition of the parent speaks: the bit of the condition, and the value it wants.
    var tests: [(bit: UInt32, value: [UInt8])] = []
    /// The bits that must be set once the element ends.
    var requiredBits: UInt32 = 0
    /// Header fields to forget when the element starts anew.
    var clears: [Int] = []
    /// Whether records may stand in it (or it is one).
    var leadsToRecord = false
  }

  /// The nodes; the first is the document, before its root element.
  private(set) var nodes = [Node(name: XMLPath.Name(local: "", uri: nil), predicates: [], parent: 0)]
  /// The node of the record element.
  private(set) var record = 0
  /// For each field: its node.
  private(set) var nodeOfField: [Int] = []
  /// For each field: whether it stands outside the record, so that its value is kept from record to record.
  private(set) var isHeader: [Bool] = []

  /// Builds the tree. Throws `xml-path` (definition).
  init(record path: String, fields: [String], namespaces: [String: String]) throws(SluiceError) {
    let recordPath = try XMLPath.parse(path, namespaces: namespaces)
    guard recordPath.isAbsolute, recordPath.attribute == nil else {
      throw XMLPath.wrong(path, "the record is named by a path of elements from the root, /root/record")
    }
    record = add(recordPath.steps, below: 0)
    markChain()
    for (field, text) in fields.enumerated() {
      let parsed = try XMLPath.parse(text, namespaces: namespaces)
      let node = add(parsed.steps, below: parsed.isAbsolute ? 0 : record)
      nodeOfField.append(node)
      isHeader.append(!isInRecord(node))
      if let attribute = parsed.attribute {
        nodes[node].attributes.append((attribute, field))
      } else {
        nodes[node].textFields.append(field)
      }
      if isHeader[field] { try prepareHeader(field, node, text, wantsText: parsed.attribute == nil) }
    }
  }

  /// True when `node` is `ancestor` or stands below it.
  func isNode(_ node: Int, in ancestor: Int) -> Bool {
    var current = node
    while current != ancestor, current != 0 { current = nodes[current].parent }
    return current == ancestor
  }

  private func isInRecord(_ node: Int) -> Bool { isNode(node, in: record) }

  private mutating func markChain() {
    var node = record
    while true {
      nodes[node].leadsToRecord = true
      if node == 0 { return }
      node = nodes[node].parent
    }
  }

  /// Walks down, adding what is missing; returns the last node.
  private mutating func add(_ steps: [XMLPath.Step], below start: Int) -> Int {
    var node = start
    for step in steps {
      let known = nodes[node].children.first {
        nodes[$0].name == step.name && nodes[$0].predicates == step.predicates && nodes[$0].tests.isEmpty
      }
      node = known ?? addChild(of: node, step)
    }
    return node
  }

  private mutating func addChild(of parent: Int, _ step: XMLPath.Step) -> Int {
    let index = append(Node(name: step.name, predicates: step.predicates, parent: parent))
    var bit: UInt32 = 1
    for predicate in step.predicates where !predicate.isAttribute {
      let child = append(Node(name: predicate.name, predicates: [], parent: index))
      nodes[child].tests.append((bit, Array(predicate.value.utf8)))
      nodes[index].requiredBits |= bit
      bit <<= 1
    }
    return index
  }

  private mutating func append(_ node: Node) -> Int {
    nodes.append(node)
    nodes[node.parent].children.append(nodes.count - 1)
    return nodes.count - 1
  }

  /// A header value belongs to the nearest element around it that may hold records, and is forgotten with that.
  private mutating func prepareHeader(
    _ field: Int, _ node: Int, _ text: String, wantsText: Bool
  ) throws(SluiceError) {
    if wantsText, nodes[node].leadsToRecord {
      throw XMLPath.wrong(text, "the text of an element that holds the records can not be a field")
    }
    var current = node
    while !nodes[current].leadsToRecord {
      if nodes[current].requiredBits != 0 {
        throw XMLPath.wrong(text, "a condition on a child element can stand only within the record")
      }
      current = nodes[current].parent
    }
    nodes[current].clears.append(field)
  }
}
