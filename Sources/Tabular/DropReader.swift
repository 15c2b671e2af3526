import Streams

/// What was read of a drop, known after its last batch.
public struct ReadSummary: Equatable, Sendable {
  /// Bytes of the file.
  public var rawBytes: Int
  /// Bytes after inflating; the same as `rawBytes` for plain files.
  public var contentBytes: Int
  /// SHA-256 of the file in hexadecimal; nil without hashing.
  public var sha256: String?
  /// SHA-256 of the inflated bytes, before transcoding; nil without hashing.
  public var contentSHA256: String?

  /// A summary.
  public init(rawBytes: Int, contentBytes: Int, sha256: String?, contentSHA256: String?) {
    self.rawBytes = rawBytes
    self.contentBytes = contentBytes
    self.sha256 = sha256
    self.contentSHA256 = contentSHA256
  }
}

/// Reads a drop from its file to its rows: inflates gzip, which is seen by content and not by name, transcodes, splits.
///
/// Every error names the file and, where known, the line. Used by one thread at a time.
public final class DropReader: RowReader {
  /// The file's path, or what stands for it in messages.
  public let path: String
  /// The columns: names in the CSV header (ordinals from "1" when there is none), or the XML paths asked for.
  public let columns: [String]
  /// Size, inode and time of the file when it was opened; nil when the bytes come from elsewhere.
  public let identity: FileIdentity?
  /// True for gzip.
  public let isCompressed: Bool
  /// A plain file that is read and split in less time than a thread takes to start.
  var isSmall: Bool { !isCompressed && (identity?.size ?? .max) <= 64 << 10 }
  /// Gzip of more bytes is inflated on a thread of its own.
  private static let largestInflatedInline = 256 << 10
  /// What was read; nil before the last batch.
  public private(set) var summary: ReadSummary?
  private let raw: MeteredSource
  private let content: MeteredSource
  /// Inflates on a thread of its own; nil for plain files and small ones.
  private let ahead: ReadAheadSource?
  private let reader: any RowReader
  private let limits: ReadLimits
  /// The reader of CSV, when it is CSV.
  private let csv: CSVReader?
  private let dialect: CSVDialect
  /// Bytes of the file before the text that `csv` reads, when that is the file itself; nil when it is not.
  private let textStart: Int?
  private var storeWriter: RowStoreWriter?
  private let trailerWatch: TrailerWatch?
  private let footerWatch: FooterWatch?
  /// The trailer of the drop, once it was read; nil when its format has none.
  public var trailer: TrailerRow? { trailerWatch?.row }

  /// Opens a file and reads its header.
  ///
  /// `encoding` nil is UTF-8; for XML it counts only when neither a byte order mark nor the declaration names one.
  /// `paths` are the XML paths wanted, in the order of the fields, and ignored for CSV.
  /// `storeDirectory`: rows can be read again by `store()`; what the file itself can not give is kept there meanwhile.
  public convenience init(
    path: String, format: SourceFormat, encoding: TextEncoding? = nil, paths: [String] = [],
    limits: ReadLimits = ReadLimits(), hashing: Bool = true, storeDirectory: String? = nil
  ) throws(SluiceError) {
    let file = try InputFile(path: path)
    try self.init(
      source: file, name: path, identity: file.identity, format: format, encoding: encoding, paths: paths,
      limits: limits, hashing: hashing)
    guard let storeDirectory, textStart == nil else { return }
    storeWriter = try RowStoreWriter(directory: storeDirectory, layout: csv == nil ? .fields : .text)
  }

  /// Reads bytes that come from `source` and are called `name` in messages.
  public init(
    source: any ByteSource, name: String, identity: FileIdentity? = nil, format: SourceFormat,
    encoding: TextEncoding? = nil, paths: [String] = [], limits: ReadLimits = ReadLimits(), hashing: Bool = true
  ) throws(SluiceError) {
    path = name
    self.identity = identity
    self.limits = limits
    do throws(SluiceError) {
      raw = try MeteredSource(source, hashing: hashing)
      let prefixed = try PrefixedSource(raw, peeking: 4)
      isCompressed = GzipInflater.recognises(prefixed.peeked)
      let plain: any ByteSource
      if isCompressed {
        let inflater = try GzipInflater(prefixed, limits: limits.inflate)
        let isLarge = (identity?.size ?? 0) > DropReader.largestInflatedInline
        let raw = raw
        ahead = isLarge ? try ReadAheadSource(inflater) { raw.byteCount } : nil
        content = try MeteredSource(ahead ?? inflater, hashing: hashing)
        plain = content
      } else {
        ahead = nil
        content = raw
        plain = prefixed
      }
      switch format {
      case .csv(let dialect):
        let mark = isCompressed ? 0 : ByteOrderMark.length(in: prefixed.peeked)
        let text = try Transcoder.utf8(of: plain, in: encoding ?? .utf8)
        let csv = try CSVReader(text, dialect: dialect, limits: limits)
        columns = csv.columns
        reader = csv
        self.csv = csv
        self.dialect = csv.dialect
        trailerWatch = dialect.trailer.map(TrailerWatch.init)
        footerWatch = dialect.footer.isEmpty ? nil : FooterWatch(dialect.footer)
        textStart = identity != nil && !isCompressed && encoding ?? .utf8 == .utf8 ? mark : nil
      case .xml(let layout):
        reader = try XMLRecordReader(plain, layout: layout, paths: paths, encoding: encoding, limits: limits)
        columns = paths
        csv = nil
        dialect = CSVDialect()
        trailerWatch = nil
        footerWatch = nil
        textStart = nil
      }
    } catch {
      throw error.naming(name)
    }
  }

  /// Fills `batch` with the next rows and sets its `isLast`, `firstLine` and `rawBytesRead`.
  public func fill(_ batch: RowBatch) throws(SluiceError) {
    do throws(SluiceError) {
      try reader.fill(batch)
      try footerWatch?.take(batch)
      try trailerWatch?.take(batch)
      if let textStart {
        batch.moveStore(by: textStart)
      } else {
        try storeWriter?.append(batch, used: csv?.batchBytes ?? 0)
      }
    } catch {
      throw error.naming(path)
    }
    batch.rawBytesRead = ahead?.position ?? raw.byteCount
    if batch.isLast {
      summary = ReadSummary(
        rawBytes: raw.byteCount, contentBytes: content.byteCount, sha256: raw.sha256(),
        contentSHA256: content.sha256())
    }
  }

  /// The rows read, by their places, once the last batch was filled; nil unless a directory for it was given.
  public func store() throws(SluiceError) -> RowStore? {
    let file: PositionedFile
    let end: Int
    if textStart != nil {
      file = try PositionedFile(path: path)
      end = min(file.size, raw.byteCount)
    } else if let storeWriter {
      (file, end) = try storeWriter.finish()
    } else {
      return nil
    }
    return RowStore(
      file, layout: csv == nil ? .fields : .text, dialect: dialect, columnCount: columns.count,
      rowBytes: limits.rowBytes, end: end)
  }
}
