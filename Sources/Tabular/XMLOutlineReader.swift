import CLibXML2
import Streams

/// Goes through a document once and notes its outline, with libxml2's push parser and nothing outside the file.
///
/// It judges nothing: what is wrong with a document, `XMLRecordReader` says. Unsafe, with these invariants: the
/// parser's context is freed before this object, which the callbacks get unretained; names are told apart by their
/// addresses in the context's dictionary, which stay as long as the context.
public final class XMLOutlineReader {
  /// An element of one path, by addresses.
  private struct Step: Hashable {
    var parent: Int
    var local: UnsafePointer<UInt8>?
    var uri: UnsafePointer<UInt8>?
  }

  /// An element that is open.
  private struct Open {
    /// Its node; -1: one too many to be told apart.
    var node: Int
    /// A number of its own.
    var serial: Int
    var hasText = false
  }

  private static let chunkSize = 64 << 10
  private let limits: ReadLimits
  private var outline = XMLOutline()
  private var known: [Step: Int] = [:]
  private var knownAttributes: [Step: Int] = [:]
  private var open = [Open(node: 0, serial: 0)]
  private var serials = 0
  /// For each node: in which parent its last element stood, and how many stood there.
  private var runs: [(serial: Int, count: Int)] = [(0, 0)]
  private var isStopped = false

  private init(limits: ReadLimits) { self.limits = limits }

  /// The outline of the document that `source` holds; `encoding` is for one that does not say how it is encoded.
  /// Throws what the source throws; a document that is not right gives the outline of its beginning.
  public static func read(
    _ source: any ByteSource, encoding: TextEncoding? = nil, limits: ReadLimits = ReadLimits()
  ) throws(SluiceError) -> XMLOutline {
    let reader = XMLOutlineReader(limits: limits)
    try reader.parse(source, encoding)
    return reader.outline
  }

  private func parse(_ source: any ByteSource, _ encoding: TextEncoding?) throws(SluiceError) {
    xmlInitParser()
    var handler = Self.handler
    let data = Unmanaged.passUnretained(self).toOpaque()
    guard let context = xmlCreatePushParserCtxt(&handler, data, nil, 0, nil) else {
      throw SluiceError(
        .environment, "out-of-memory", cause: "libxml2 could not start", remedy: "free some memory and run again")
    }
    defer {
      if let document = context.pointee.myDoc { xmlFreeDoc(document) }
      context.pointee.myDoc = nil
      xmlFreeParserCtxt(context)
    }
    xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue))
    if let encoding, let handler = xmlFindCharEncodingHandler(encoding.name) { xmlSwitchToEncoding(context, handler) }
    let chunk = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.chunkSize)
    defer { chunk.deallocate() }
    while !isStopped {
      let count = try source.fill(chunk, upTo: Self.chunkSize)
      let status = chunk.withMemoryRebound(to: CChar.self, capacity: Self.chunkSize) {
        xmlParseChunk(context, $0, Int32(count), count < Self.chunkSize ? 1 : 0)
      }
      if status != 0 || context.pointee.wellFormed == 0 { isStopped = true }
      if count < Self.chunkSize { break }
    }
    outline.isBroken = isStopped || open.count > 1 || outline.root == nil
  }

  private static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElementNs = { data, local, _, uri, _, _, count, _, attributes in
      XMLOutlineReader.with(data) { $0.start(local, uri, attributes, Int(count)) }
    }
    handler.endElementNs = { data, _, _, _ in XMLOutlineReader.with(data) { $0.end() } }
    let characters: charactersSAXFunc = { data, bytes, count in
      XMLOutlineReader.with(data) { $0.characters(bytes, Int(count)) }
    }
    handler.characters = characters
    handler.ignorableWhitespace = characters
    handler.cdataBlock = characters
    // Without a callback libxml2 would print errors.
    handler.serror = { _, _ in }
    return handler
  }

  private static func with(_ data: UnsafeMutableRawPointer?, _ body: (XMLOutlineReader) -> Void) {
    guard let data else { return }
    Unmanaged<XMLOutlineReader>.fromOpaque(data)._withUnsafeGuaranteedRef { body($0) }
  }

  private func start(
    _ local: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?,
    _ attributes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: Int
  ) {
    guard !isStopped, let parent = open.last else { return }
    guard open.count <= limits.depth else {
      isStopped = true
      return
    }
    serials += 1
    let node = parent.node < 0 ? -1 : self.node(below: parent.node, local, uri)
    open.append(Open(node: node, serial: serials))
    guard node >= 0 else { return }
    runs[node] = runs[node].serial == parent.serial ? (parent.serial, runs[node].count + 1) : (parent.serial, 1)
    outline.nodes[node].count += 1
    outline.nodes[node].most = max(outline.nodes[node].most, runs[node].count)
    guard let attributes else { return }
    for index in 0..<count {
      let entry = attributes + index * 5
      guard let place = note(entry[0], entry[2], of: node), let start = entry[3], let end = entry[4] else { continue }
      take(XMLText.trimmed(ByteView(base: start, count: end - start)), of: place, node)
    }
  }

  private func node(below parent: Int, _ local: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?) -> Int {
    let step = Step(parent: parent, local: local, uri: uri)
    if let node = known[step] { return node }
    guard outline.nodes.count < XMLOutline.mostNodes else {
      outline.isCut = true
      return -1
    }
    let node = outline.nodes.count
    let depth = outline.nodes[parent].depth + 1
    outline.nodes.append(XMLOutline.Node(name: Self.name(local, uri), parent: parent, depth: depth))
    outline.nodes[parent].children.append(node)
    runs.append((-1, 0))
    known[step] = node
    return node
  }

  private func note(_ local: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?, of node: Int) -> Int? {
    let step = Step(parent: node, local: local, uri: uri)
    if let index = knownAttributes[step] {
      outline.nodes[node].attributes[index].count += 1
      return index
    }
    guard outline.nodes[node].attributes.count < XMLOutline.mostAttributes else {
      outline.isCut = true
      return nil
    }
    knownAttributes[step] = outline.nodes[node].attributes.count
    outline.nodes[node].attributes.append(XMLOutline.Attribute(name: Self.name(local, uri), count: 1))
    return outline.nodes[node].attributes.count - 1
  }

  private func take(_ value: ByteView, of attribute: Int, _ node: Int) {
    guard let known = outline.nodes[node].attributes[attribute].values else { return }
    guard value.count <= XMLOutline.longestValue else {
      outline.nodes[node].attributes[attribute].values = nil
      return
    }
    let text = value.text
    if known.contains(text) { return }
    outline.nodes[node].attributes[attribute].values = known.count < XMLOutline.mostValues ? known + [text] : nil
  }

  private static func name(_ local: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?) -> XMLOutline.Name {
    XMLOutline.Name(local: local.map { String(cString: $0) } ?? "", uri: uri.map { String(cString: $0) })
  }

  private func characters(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
    guard !isStopped, let bytes, open[open.count - 1].node > 0, !open[open.count - 1].hasText else { return }
    open[open.count - 1].hasText = !XMLText.trimmed(ByteView(base: bytes, count: count)).isEmpty
  }

  private func end() {
    guard !isStopped, open.count > 1 else { return }
    let closed = open.removeLast()
    if closed.node >= 0, closed.hasText { outline.nodes[closed.node].texts += 1 }
  }
}
