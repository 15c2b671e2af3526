import CLibXML2
import Glibc
import Streams

/// Turns the parser's events into rows: follows the open elements through the tree of paths and collects values.
///
/// Unsafe, with these invariants: names are compared by address, because the parser keeps every name once in its
/// dictionary and `bind` has put ours there; `active` holds at most one instance a node, for a node stands at one depth
/// only. Used from the callbacks of one parser, on one thread at a time.
final class XMLRecordBuilder {
  /// An open element that matches a node.
  private struct Instance {
    var node: Int
    var parent: Int
    /// Where its text starts; -1 when nobody wants it.
    var textStart: Int
    /// How many values there were when it opened.
    var valueMark: Int
    /// The conditions on children that were met.
    var bits: UInt32
  }

  /// A node with the parser's addresses of its names.
  private struct BoundNode {
    var name: UnsafePointer<UInt8>?
    var uri: UnsafePointer<UInt8>?
    var firstChild: Int
    var childCount: Int
    var wantsText: Bool
    var hasDetails: Bool
  }

  private let tree: XMLPathTree
  private let limits: ReadLimits
  /// Where rows go.
  let sink: RecordSink
  /// Why the parser was stopped.
  private(set) var failure: SluiceError?
  private(set) var depth = 0
  /// True once an element was seen.
  private(set) var hasRoot = false

  private var parser: xmlParserCtxtPtr?
  private var bound: [BoundNode] = []
  private let children: UnsafeMutablePointer<Int>
  private var attributeNames: [[UnsafePointer<UInt8>?]] = []
  private var predicateNames: [[UnsafePointer<UInt8>?]] = []

  private let active: UnsafeMutablePointer<Instance>
  private var activeCount = 1
  private let levelStart: UnsafeMutablePointer<Int>
  private var captures = 0
  private let text = ByteArena(capacity: 64 << 10)
  let values: XMLValues
  private var recordLine = 1

  init(_ tree: XMLPathTree, limits: ReadLimits) {
    self.tree = tree
    self.limits = limits
    sink = RecordSink()
    values = XMLValues(tree, limit: limits.rowBytes)
    active = .allocate(capacity: tree.nodes.count + 1)
    active[0] = Instance(node: 0, parent: 0, textStart: -1, valueMark: 0, bits: 0)
    levelStart = .allocate(capacity: limits.depth + 3)
    levelStart[0] = 0
    children = .allocate(capacity: tree.nodes.count + 1)
  }

  deinit {
    active.deallocate()
    levelStart.deallocate()
    children.deallocate()
  }

  /// Learns the addresses of all names from the parser that will call.
  func bind(to parser: xmlParserCtxtPtr) {
    self.parser = parser
    var used = 0
    for node in tree.nodes {
      bound.append(
        BoundNode(
          name: intern(node.name.local), uri: node.name.uri.map { intern($0) } ?? nil, firstChild: used,
          childCount: node.children.count, wantsText: !node.textFields.isEmpty || !node.tests.isEmpty,
          hasDetails: !node.attributes.isEmpty || !node.clears.isEmpty || !node.predicates.isEmpty))
      for child in node.children {
        children[used] = child
        used += 1
      }
      attributeNames.append(node.attributes.map { intern($0.name.local) })
      predicateNames.append(node.predicates.map { intern($0.name.local) })
    }
  }

  private func intern(_ name: String) -> UnsafePointer<UInt8>? {
    guard let parser else { return nil }
    return Array(name.utf8).withView { xmlDictLookup(parser.pointee.dict, $0.base, Int32($0.count)) }
  }

  // MARK: - Events

  func startElement(_ local: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?, _ attributes: XMLAttributes) {
    guard failure == nil else { return }
    depth &+= 1
    if depth > limits.depth { return stop(tooDeep) }
    let from = levelStart[depth &- 1]
    let to = activeCount
    levelStart[depth] = to
    var index = from
    while index < to {
      let parent = bound[active[index].node]
      var place = parent.firstChild
      while place < parent.firstChild &+ parent.childCount {
        let child = children[place]
        if bound[child].name == local, matches(child, uri, attributes) {
          open(child, parent: index, attributes)
        }
        place &+= 1
      }
      index &+= 1
    }
    if depth == 1 {
      hasRoot = true
      if activeCount == to { stop(wrongRoot(local)) }
    }
  }

  func endElement() {
    guard failure == nil else { return }
    let start = levelStart[depth]
    var index = start
    while index < activeCount {
      close(index)
      index &+= 1
    }
    activeCount = start
    depth &-= 1
  }

  @inline(__always)
  func characters(_ bytes: UnsafePointer<UInt8>?, _ count: Int32) {
    guard captures > 0, failure == nil, let bytes else { return }
    text.append(ByteView(base: bytes, count: Int(count)))
    if text.count > limits.rowBytes { stop(tooLong) }
  }

  /// Stops the parser for good.
  func stop(_ error: SluiceError) {
    guard failure == nil, let parser else { return }
    failure = error
    if failure?.position == nil { failure?.position = Position(line: Int(xmlSAX2GetLineNumber(parser))) }
    xmlStopParser(parser)
  }

  // MARK: - Elements

  @inline(__always)
  private func matches(_ node: Int, _ uri: UnsafePointer<UInt8>?, _ attributes: XMLAttributes) -> Bool {
    let wanted = bound[node]
    if let wantedURI = wanted.uri, xmlStrEqual(wantedURI, uri) == 0 { return false }
    return !wanted.hasDetails || holdsAttributes(node, attributes)
  }

  private func holdsAttributes(_ node: Int, _ attributes: XMLAttributes) -> Bool {
    let predicates = tree.nodes[node].predicates
    for (index, predicate) in predicates.enumerated() where predicate.isAttribute {
      guard let value = attributes.value(predicateNames[node][index], uri: predicate.name.uri),
        Array(predicate.value.utf8).withView({ $0 == value })
      else { return false }
    }
    return true
  }

  private func open(_ node: Int, parent: Int, _ attributes: XMLAttributes) {
    if node == tree.record { beginRecord() }
    var instance = Instance(node: node, parent: parent, textStart: -1, valueMark: values.count, bits: 0)
    if bound[node].wantsText {
      if captures == 0 { text.removeAll() }
      instance.textStart = text.count
      captures &+= 1
    }
    active[activeCount] = instance
    activeCount &+= 1
    if bound[node].hasDetails { takeAttributes(node, attributes) }
  }

  private func takeAttributes(_ node: Int, _ attributes: XMLAttributes) {
    for field in tree.nodes[node].clears { values.forget(field) }
    for (index, wanted) in tree.nodes[node].attributes.enumerated() {
      guard let value = attributes.value(attributeNames[node][index], uri: wanted.name.uri) else { continue }
      add(value, to: wanted.field)
    }
  }

  private func close(_ index: Int) {
    let instance = active[index]
    let node = instance.node
    if instance.textStart >= 0 {
      captures &-= 1
      let value = XMLText.trimmed(text.view(from: instance.textStart))
      let fields = tree.nodes[node].textFields
      for field in fields { add(value, to: field) }
      for test in tree.nodes[node].tests where test.value.withView({ $0 == value }) {
        active[instance.parent].bits |= test.bit
      }
    }
    let required = tree.nodes[node].requiredBits
    if required != 0, instance.bits & required != required { values.remove(from: instance.valueMark, below: node) }
    if node == tree.record { endRecord() }
  }

  private func add(_ value: ByteView, to field: Int) {
    if !values.add(value, to: field) { stop(tooLong) }
  }

  // MARK: - Records

  private func beginRecord() {
    values.removeAll()
    if let parser { recordLine = XMLText.tagLine(parser) }
  }

  private func endRecord() {
    if failure == nil, !sink.write(values, line: recordLine, limit: limits.rowBytes) { stop(tooLong) }
  }

  // MARK: - Errors

  private var tooDeep: SluiceError {
    SluiceError(
      .damaged, "xml-too-deep", cause: "elements are nested more than \(limits.depth) deep",
      remedy: "check where the file comes from; no export needs that many levels")
  }

  private var tooLong: SluiceError {
    SluiceError(
      .damaged, "row-too-long", position: Position(line: recordLine),
      cause: "the values of one record exceed \(limits.rowBytes) bytes, or those before it 65536",
      remedy: "check that the record path names one record and not their list")
  }

  private func wrongRoot(_ local: UnsafePointer<UInt8>?) -> SluiceError {
    let found = local.map { String(cString: $0) } ?? ""
    let wanted = tree.nodes[0].children.first { tree.nodes[$0].leadsToRecord }.map { tree.nodes[$0].name.local } ?? ""
    return SluiceError(
      .damaged, "xml-wrong-root", cause: "the root element is <\(found)>, not <\(wanted)>",
      remedy: "check that this is the right file, or correct the record path of the feed")
  }
}
