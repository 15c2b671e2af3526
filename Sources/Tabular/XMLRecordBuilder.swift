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
    /// The child to look at first: the one after the last that matched, for records keep one order.
    var nextChild: Int
  }

  /// A node with the parser's addresses of its names, and what is needed at every element.
  private struct BoundNode {
    var uri: UnsafePointer<UInt8>?
    var firstChild: Int
    var endOfChildren: Int
    /// Whether no two children have one name, so that the first that matches is the only one.
    var hasDistinctChildren: Bool
    /// The first of the fields that take the text; -1: none.
    var textField: Int
    var hasMoreTextFields: Bool
    var hasTests: Bool
    var requiredBits: UInt32
    /// Whether it wants attributes, or has conditions on them, or forgets header fields.
    var hasDetails: Bool
  }

  private let tree: XMLPathTree
  private let recordNode: Int
  private let limits: ReadLimits
  /// Where rows go.
  let sink: RecordSink
  /// The values of the record under construction.
  let values: XMLValues
  /// Why the parser was stopped.
  private(set) var failure: SluiceError?
  /// Open elements.
  private(set) var depth = 0
  /// True once an element was seen.
  private(set) var hasRoot = false
  private var isStopped = false

  private var parser: xmlParserCtxtPtr?
  private let bound: UnsafeMutablePointer<BoundNode>
  /// The children of all nodes, and the addresses of their names.
  private let children: UnsafeMutablePointer<Int>
  private let childNames: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  private var attributeNames: [[UnsafePointer<UInt8>?]] = []
  private var predicateNames: [[UnsafePointer<UInt8>?]] = []

  private let active: UnsafeMutablePointer<Instance>
  private var activeCount = 1
  private let levelStart: UnsafeMutablePointer<Int>
  private var captures = 0
  private let text = ByteArena(capacity: 64 << 10)
  private var recordLine = 1

  init(_ tree: XMLPathTree, limits: ReadLimits) {
    self.tree = tree
    recordNode = tree.record
    self.limits = limits
    sink = RecordSink()
    values = XMLValues(tree, limit: limits.rowBytes)
    active = .allocate(capacity: tree.nodes.count + 1)
    active[0] = Instance(node: 0, parent: 0, textStart: -1, valueMark: 0, bits: 0, nextChild: 0)
    levelStart = .allocate(capacity: limits.depth + 3)
    levelStart[0] = 0
    children = .allocate(capacity: tree.nodes.count + 1)
    childNames = .allocate(capacity: tree.nodes.count + 1)
    bound = .allocate(capacity: tree.nodes.count + 1)
  }

  deinit {
    active.deallocate()
    levelStart.deallocate()
    children.deallocate()
    childNames.deallocate()
    bound.deallocate()
  }

  /// Learns the addresses of all names from the parser that will call.
  func bind(to parser: xmlParserCtxtPtr) {
    self.parser = parser
    var used = 0
    for (index, node) in tree.nodes.enumerated() {
      (bound + index).initialize(
        to: BoundNode(
          uri: node.name.uri.map { intern($0) } ?? nil, firstChild: used, endOfChildren: used + node.children.count,
          hasDistinctChildren: Set(node.children.map { tree.nodes[$0].name.local }).count == node.children.count,
          textField: node.textFields.first ?? -1, hasMoreTextFields: node.textFields.count > 1,
          hasTests: !node.tests.isEmpty, requiredBits: node.requiredBits,
          hasDetails: !node.attributes.isEmpty || !node.clears.isEmpty || !node.predicates.isEmpty))
      for child in node.children {
        (children + used).initialize(to: child)
        (childNames + used).initialize(to: intern(tree.nodes[child].name.local))
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
    guard !isStopped else { return }
    depth &+= 1
    if depth > limits.depth { return stop(tooDeep) }
    let from = levelStart[depth &- 1]
    let to = activeCount
    levelStart[depth] = to
    var index = from
    while index < to {
      openChildren(of: index, local, uri, attributes)
      index &+= 1
    }
    if depth == 1 {
      hasRoot = true
      if activeCount == to { stop(wrongRoot(local)) }
    }
  }

  func endElement() {
    guard !isStopped else { return }
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
    guard captures > 0, !isStopped, let bytes else { return }
    text.append(ByteView(base: bytes, count: Int(count)))
    if text.count > limits.rowBytes { stop(tooLong) }
  }

  /// Stops the parser for good.
  func stop(_ error: SluiceError) {
    guard !isStopped, let parser else { return }
    isStopped = true
    failure = error
    if failure?.position == nil { failure?.position = Position(line: Int(xmlSAX2GetLineNumber(parser))) }
    xmlStopParser(parser)
  }

  // MARK: - Elements

  @inline(__always)
  private func matches(_ node: Int, _ uri: UnsafePointer<UInt8>?, _ attributes: XMLAttributes) -> Bool {
    if let wanted = bound[node].uri, xmlStrEqual(wanted, uri) == 0 { return false }
    return !bound[node].hasDetails || holdsAttributes(node, attributes)
  }

  /// Opens the children of an open node that match the element.
  @inline(__always)
  private func openChildren(
    of index: Int, _ local: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?, _ attributes: XMLAttributes
  ) {
    let parent = bound + active[index].node
    let first = parent.pointee.firstChild
    let end = parent.pointee.endOfChildren
    let isDistinct = parent.pointee.hasDistinctChildren
    var place = isDistinct ? active[index].nextChild : first
    for _ in first..<end {
      if place >= end { place = first }
      if childNames[place] == local {
        if matches(children[place], uri, attributes) {
          active[index].nextChild = place &+ 1
          open(children[place], parent: index, attributes)
        }
        if isDistinct { return }
      }
      place &+= 1
    }
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
    if node == recordNode { beginRecord() }
    var instance = Instance(
      node: node, parent: parent, textStart: -1, valueMark: values.count, bits: 0, nextChild: bound[node].firstChild)
    if bound[node].textField >= 0 || bound[node].hasTests {
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
    let node = active[index].node
    if active[index].textStart >= 0 {
      captures &-= 1
      let value = XMLText.trimmed(text.view(from: active[index].textStart))
      if bound[node].textField >= 0 { add(value, to: bound[node].textField) }
      if bound[node].hasMoreTextFields || bound[node].hasTests { addMore(value, node, parent: active[index].parent) }
    }
    let required = bound[node].requiredBits
    if required != 0, active[index].bits & required != required {
      values.remove(from: active[index].valueMark, below: node)
    }
    if node == recordNode { endRecord() }
  }

  /// The rarer uses of a text: several fields of one path, and conditions on a child.
  private func addMore(_ value: ByteView, _ node: Int, parent: Int) {
    for field in tree.nodes[node].textFields.dropFirst() { add(value, to: field) }
    for test in tree.nodes[node].tests where test.value.withView({ $0 == value }) {
      active[parent].bits |= test.bit
    }
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
    if !isStopped, !sink.write(values, line: recordLine, limit: limits.rowBytes) { stop(tooLong) }
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
