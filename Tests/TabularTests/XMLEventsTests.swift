import CLibXML2
import Streams
import Testing

@testable import Tabular

@Suite("Errors from libxml2")
struct XMLEventsTests {
  @Test("An error goes to the events of the context that it names, whatever data the handler is given")
  func errorData() throws {
    let tree = try XMLPathTree(record: "/r/i", fields: ["a"], namespaces: [:])
    let events = XMLEvents(XMLRecordBuilder(tree, limits: ReadLimits()))
    var handler = XMLEvents.handler
    let data = Unmanaged.passUnretained(events).toOpaque()
    let context = try #require(xmlCreatePushParserCtxt(&handler, data, nil, 0, nil))
    defer { xmlFreeParserCtxt(context) }
    var error = xmlError()
    error.level = XML_ERR_FATAL
    error.line = 7
    error.ctxt = UnsafeMutableRawPointer(context)
    // For errors of validity libxml2 2.9 gives its context here; nil is the wrong data that can do no harm.
    withUnsafeMutablePointer(to: &error) { handler.serror?(nil, $0) }
    #expect(events.fatal?.position.line == 7)
    withExtendedLifetime(events) {}
  }
}
