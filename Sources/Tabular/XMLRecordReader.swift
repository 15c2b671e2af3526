import CLibXML2
import Streams

/// Reads the records of an XML drop into batches, with libxml2's push parser.
///
/// Nothing outside the file is ever read: no DTD is loaded, and a document that uses an entity other than the five
/// predefined ones and character references is refused. A `DOCTYPE` alone is no reason to refuse (BMEcat, cXML).
///
/// A value is the text of the element and of all elements in it, CDATA included, comments and processing instructions
/// left out, white space at both ends trimmed; an attribute's value likewise.
final class XMLRecordReader: RowReader {
  private static let chunkSize = 64 << 10
  private let source: any ByteSource
  private let parser: XMLPushParser
  private let chunk: UnsafeMutablePointer<UInt8>
  private var isSourceRead = false

  /// Prepares reading; the document is not touched but for its first bytes.
  ///
  /// Throws `xml-path` (definition) for a path that can not be used, `empty-file` (damaged), and whatever the source
  /// throws.
  init(
    _ source: any ByteSource, layout: XMLLayout, paths: [String], encoding: TextEncoding?, limits: ReadLimits
  ) throws(SluiceError) {
    let tree = try XMLPathTree(record: layout.record, fields: paths, namespaces: layout.namespaces)
    let prefixed = try PrefixedSource(source, peeking: 256)
    guard !prefixed.peeked.isEmpty else {
      throw SluiceError(
        .damaged, "empty-file", cause: "the file is empty", remedy: "have the file sent again")
    }
    self.source = prefixed
    let fallback = XMLRecordReader.namesEncoding(Array(prefixed.peeked)) ? nil : encoding
    parser = try XMLPushParser(XMLRecordBuilder(tree, limits: limits), encoding: fallback)
    chunk = .allocate(capacity: XMLRecordReader.chunkSize)
  }

  deinit { chunk.deallocate() }

  func fill(_ batch: RowBatch) throws(SluiceError) {
    let sink = parser.builder.sink
    sink.begin(batch)
    defer { sink.end() }
    if batch.rowCount == 0 { batch.firstLine = parser.line }
    while !sink.hasWaiting, !isSourceRead {
      // Header values are copied into each record: with long ones, fewer records may come out of one piece.
      let wanted = parser.builder.values.headerBytes > 4096 ? 1024 : XMLRecordReader.chunkSize
      let count = try source.fill(chunk, upTo: wanted)
      if count > 0 { try parser.parse(ByteView(base: chunk, count: count)) }
      if count < wanted {
        isSourceRead = true
        try parser.finish()
      }
    }
    batch.isLast = isSourceRead && !sink.hasWaiting
  }

  /// True when the document says itself how it is encoded: by a byte order mark, by a declaration, or by beginning
  /// with the declaration's first characters in UTF-16, UTF-32 or EBCDIC (XML 1.0, appendix F).
  private static func namesEncoding(_ prefix: [UInt8]) -> Bool {
    let beginnings: [[UInt8]] = [
      [0, 0x3C, 0, 0x3F], [0x3C, 0, 0x3F, 0], [0, 0, 0, 0x3C], [0x3C, 0, 0, 0], [0x4C, 0x6F, 0xA7, 0x94],
    ]
    if ByteOrderMark.find(in: prefix) != nil || beginnings.contains(where: { prefix.starts(with: $0) }) { return true }
    guard prefix.starts(with: Array("<?xml".utf8)) else { return false }
    let declaration = String(decoding: prefix, as: UTF8.self).prefix { $0 != ">" }
    return declaration.contains("encoding")
  }
}
