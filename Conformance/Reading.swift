import Streams
import Tabular

/// Everything that reading a file gave.
struct Reading: Equatable {
  /// Names in the header, or the XML paths.
  var columns: [String] = []
  /// Cells of the rows without a defect, and of ragged ones.
  var rows: [[String]] = []
  /// How many rows were read; `rows` holds only the first of them when they are not kept.
  var count = 0
  /// Bytes of the longest row.
  var longestRow = 0
  /// Defects of rows, as `LINE: DEFECT`, in the file's order, the first hundred.
  var defects: [String] = []
  /// Code of the error that ended it; nil when it was read to its end.
  var error: String?
  /// The error's line and cause.
  var detail = ""

  /// Room of a batch that is smaller than a drop's, in bytes.
  static let smallBatch = 1 << 17

  /// Reads a file to its end, as a drop is read.
  init(
    _ path: String, _ format: SourceFormat, encoding: TextEncoding? = nil, paths: [String] = [], keepsRows: Bool = false
  ) {
    read(keepsRows: keepsRows, cells: format.cells) { () throws(SluiceError) in
      try DropReader(path: path, format: format, encoding: encoding, paths: paths)
    }
  }

  /// Reads a file to its end, in pieces of other sizes and through smaller batches than a drop is read.
  init(inPieces path: String, _ format: SourceFormat) {
    read(keepsRows: true, cells: format.cells, batch: RowBatch(capacity: Reading.smallBatch)) {
      () throws(SluiceError) in
      try DropReader(source: PieceSource(InputFile(path: path)), name: path, format: format)
    }
  }

  /// Reads a text to its end.
  init(text: String, _ dialect: CSVDialect) {
    let bytes = TextSource(text)
    read(keepsRows: true, cells: dialect.cells) { () throws(SluiceError) in
      try DropReader(source: bytes, name: "text", format: .csv(dialect))
    }
  }

  private mutating func read(
    keepsRows: Bool, cells: CellText, batch: RowBatch = RowBatch(), _ open: () throws(SluiceError) -> DropReader
  ) {
    do throws(SluiceError) {
      let reader = try open()
      columns = reader.columns
      repeat {
        try reader.fill(batch)
        take(batch, keepsRows: keepsRows, cells)
      } while !batch.isLast
    } catch {
      self.error = error.code
      detail = "line \(error.position?.line ?? 0): \(error.cause)"
    }
  }

  private mutating func take(_ batch: RowBatch, keepsRows: Bool, _ cells: CellText) {
    for index in 0..<batch.rowCount {
      let head = batch.head(index)
      count += 1
      longestRow = max(longestRow, Int(head.length))
      if head.defect != .none, defects.count < 100 {
        defects.append("\(batch.firstLine + Int(head.lineOffset)): \(head.defect)")
      }
      guard keepsRows else { continue }
      rows.append((0..<Int(head.fieldCount)).map { batch.text(batch.slice(Int(head.firstField) + $0), cells) })
    }
  }

}

/// The UTF-8 of a text as a source.
final class TextSource: ByteSource {
  private let bytes: [UInt8]
  private var taken = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    let length = min(count, bytes.count - taken)
    for index in 0..<length { target[index] = bytes[taken + index] }
    taken += length
    return length
  }
}

/// Another source in pieces of 1 to 61 bytes.
final class PieceSource: ByteSource {
  private let source: any ByteSource
  private var size = 0

  init(_ source: any ByteSource) { self.source = source }

  func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    size = size % 61 + 1
    return try source.read(into: target, upTo: min(count, size))
  }
}
