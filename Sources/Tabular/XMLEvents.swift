import CLibXML2
import Streams

/// The callbacks that libxml2 makes, passed on to a builder; watches for entities and keeps the first fatal error.
final class XMLEvents {
  /// What libxml2 said of a document that is not well-formed.
  struct Fatal {
    var message: String
    var position: Position
    /// True when the input ended there: the document is cut off rather than wrong.
    var isAtEnd: Bool
  }

  let builder: XMLRecordBuilder
  /// The first error that makes the document not well-formed, namespaces (Namespaces in XML 1.0) included.
  private(set) var fatal: Fatal?
  /// True between the declaration of an internal entity and libxml2's own look at it, which is no use of it.
  private var isDeclaring = false
  private var parser: xmlParserCtxtPtr?

  init(_ builder: XMLRecordBuilder) { self.builder = builder }

  /// Learns which parser calls.
  func bind(to parser: xmlParserCtxtPtr) {
    self.parser = parser
    builder.bind(to: parser)
  }

  /// The table of callbacks. Those that are left out would build a document or load something.
  static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElementNs = { data, local, _, uri, _, _, count, _, attributes in
      XMLEvents.with(data) { $0.builder.startElement(local, uri, XMLAttributes(attributes, count: count)) }
    }
    handler.endElementNs = { data, _, _, _ in XMLEvents.with(data) { $0.builder.endElement() } }
    let characters: charactersSAXFunc = { data, bytes, count in
      XMLEvents.with(data) { $0.builder.characters(bytes, count) }
    }
    handler.characters = characters
    // The same function for both keeps libxml2 from testing each blank text.
    handler.ignorableWhitespace = characters
    handler.cdataBlock = characters
    handler.entityDecl = { data, _, _, _, _, content in
      XMLEvents.with(data) { $0.isDeclaring = content != nil }
    }
    handler.getEntity = { data, name in
      XMLEvents.with(data) { $0.entityUsed(name) }
      return nil
    }
    handler.getParameterEntity = { data, name in
      XMLEvents.with(data) { $0.entityUsed(name) }
      return nil
    }
    handler.reference = { data, name in XMLEvents.with(data) { $0.entityUsed(name) } }
    // For errors of validity libxml2 2.9 hands over its own context instead of our data, so the data given is not
    // looked at: the error names the context, and that our data.
    handler.serror = { _, error in
      guard let found = error?.pointee, let context = found.ctxt else { return }
      let data = context.assumingMemoryBound(to: xmlParserCtxt.self).pointee.userData
      XMLEvents.with(data) { $0.keep(found) }
    }
    return handler
  }

  @inline(__always)
  private static func with(_ data: UnsafeMutableRawPointer?, _ body: (XMLEvents) -> Void) {
    guard let data else { return }
    Unmanaged<XMLEvents>.fromOpaque(data)._withUnsafeGuaranteedRef { body($0) }
  }

  private func entityUsed(_ name: UnsafePointer<UInt8>?) {
    if isDeclaring {
      isDeclaring = false
      return
    }
    let text = name.map { String(cString: $0) } ?? ""
    builder.stop(
      SluiceError(
        .damaged, "xml-entity", value: text, cause: "the document uses the entity \"\(text)\", which is never expanded",
        remedy: "have the sender write the character itself, or a character reference such as &#174;"))
  }

  private func keep(_ error: xmlError) {
    let isNamespace = error.domain == Int32(XML_FROM_NAMESPACE.rawValue) && error.level == XML_ERR_ERROR
    guard fatal == nil, error.level == XML_ERR_FATAL || isNamespace else { return }
    var message = error.message.map { String(cString: $0) } ?? "error \(error.code)"
    while message.last?.isWhitespace == true { message.removeLast() }
    fatal = Fatal(
      message: message,
      position: Position(line: max(Int(error.line), 1), column: error.int2 > 0 ? Int(error.int2) : nil),
      isAtEnd: error.code == XML_ERR_DOCUMENT_END.rawValue || unreadBytes < 4)
  }

  /// What the parser has not consumed; up to three bytes may be a character that is cut in two.
  private var unreadBytes: Int {
    guard let input = parser?.pointee.input, let end = input.pointee.end, let current = input.pointee.cur else {
      return 0
    }
    return end - current
  }
}
