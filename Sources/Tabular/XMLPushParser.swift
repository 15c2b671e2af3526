import CLibXML2
import Glibc
import Streams

/// A libxml2 push parser that calls a builder.
///
/// Unsafe, with these invariants: the context is freed with this object and used by one thread at a time; the callbacks
/// get the builder unretained, and this object keeps it alive longer than the context.
final class XMLPushParser {
  /// What the events go to.
  let builder: XMLRecordBuilder
  private let events: XMLEvents
  private let context: xmlParserCtxtPtr
  private var hasTagStart = false
  private var hasTagEnd = false

  private static let isPrepared: Bool = {
    xmlInitParser()
    return true
  }()

  /// A parser; `encoding` is for documents that do not say how they are encoded.
  init(_ builder: XMLRecordBuilder, encoding: TextEncoding?) throws(SluiceError) {
    self.builder = builder
    events = XMLEvents(builder)
    var handler = XMLEvents.handler
    let data = Unmanaged.passUnretained(events).toOpaque()
    guard XMLPushParser.isPrepared, let context = xmlCreatePushParserCtxt(&handler, data, nil, 0, nil) else {
      throw SluiceError(
        .environment, "out-of-memory", cause: "libxml2 could not start", remedy: "free some memory and run again")
    }
    self.context = context
    // No network, and neither entities are replaced nor DTDs loaded, since no option asks for it. The options that
    // lift the library's own limits are left out.
    xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue))
    if let encoding {
      // UTF-16 without a mark is big endian here (RFC 2781); libxml2 would take this machine's order.
      let name = encoding == .utf16 ? TextEncoding.utf16BigEndian.name : encoding.name
      if let handler = xmlFindCharEncodingHandler(name) { xmlSwitchToEncoding(context, handler) }
    }
    events.bind(to: context)
  }

  deinit {
    // libxml2 keeps internal entities in a document of its own making, which it does not free with the context.
    if let document = context.pointee.myDoc { xmlFreeDoc(document) }
    context.pointee.myDoc = nil
    xmlFreeParserCtxt(context)
  }

  /// The line that the parser has reached.
  var line: Int { max(Int(xmlSAX2GetLineNumber(context)), 1) }

  /// Parses another piece. Throws `xml-not-well-formed`, `xml-entity` or what the builder stopped for.
  func parse(_ piece: ByteView) throws(SluiceError) {
    hasTagStart = hasTagStart || piece.firstIndex(of: 0x3C) != nil
    hasTagEnd = hasTagEnd || piece.firstIndex(of: 0x3E) != nil
    let status = piece.base.withMemoryRebound(to: CChar.self, capacity: piece.count) {
      xmlParseChunk(context, $0, Int32(piece.count), 0)
    }
    try check(status)
  }

  /// Ends the document. Throws `xml-unclosed` when its root element is still open, and like `parse`.
  func finish() throws(SluiceError) {
    let line = line
    let status = xmlParseChunk(context, nil, 0, 1)
    if let failure = builder.failure { throw failure }
    // What begins a tag and never ends one is cut off within its declaration, which libxml2 reports as malformed.
    let isCut = events.fatal?.isAtEnd ?? true || hasTagStart && !hasTagEnd
    if builder.depth > 0 || !builder.hasRoot, isCut {
      throw SluiceError(
        .incomplete, "xml-unclosed", position: Position(line: line),
        cause: "the document ends before its root element is closed",
        remedy: "wait for the upload to end, or have the file sent again")
    }
    try check(status)
  }

  private func check(_ status: Int32) throws(SluiceError) {
    if let failure = builder.failure { throw failure }
    guard context.pointee.wellFormed == 0 || events.fatal != nil else { return }
    let fatal = events.fatal
    throw SluiceError(
      .damaged, "xml-not-well-formed",
      position: fatal?.position ?? Position(line: line),
      cause: "the document is not well-formed: \(fatal?.message ?? "libxml2 error \(status)")",
      remedy: "have the file written by an XML library, and check that nothing cuts or converts it on the way")
  }
}
