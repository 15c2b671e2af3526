import Intake
import Streams

/// The beginning of a sample, inflated, with what can be told from it at once.
struct SampleHead {
  /// Bytes of a sample that are looked at to tell how it is written; types and keys are decided over all of it.
  static let limit = 1 << 20

  /// The path, as given.
  let path: String
  /// The file's name, without directories.
  let name: String
  /// Its first bytes, at most `limit`, inflated.
  let bytes: [UInt8]
  /// Whether these are all of them.
  let isWhole: Bool

  /// Reads the beginning of the file at `path`.
  ///
  /// Throws `file-missing` and `name-ignored` (definition), `not-a-file` for links and whatever is no regular file,
  /// `empty-file`, `not-tabular` for archives and other binary files, what is wrong with gzip, and `io-error`.
  init(path: String) throws(SluiceError) {
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    let shown = DisplayName.escape(path)
    guard try FileSystem.status(of: path) != nil else {
      throw SluiceError(
        .definition, "file-missing", file: shown, cause: "there is no such file", remedy: "check the name")
    }
    guard !IgnoredNames.isIgnored(name) else {
      throw SluiceError(
        .definition, "name-ignored", file: shown,
        cause: "names like this one are markers or files still being written, which no feed ever takes",
        remedy: "give the sample the name under which such files will be delivered")
    }
    do throws(SluiceError) {
      let raw = try PrefixedSource(InputFile(path: path), peeking: 4)
      let isCompressed = GzipInflater.recognises(raw.peeked)
      let content: any ByteSource = isCompressed ? try GzipInflater(raw) : raw
      let arena = ByteArena(capacity: 64 << 10)
      try arena.fill(upTo: Self.limit + 1) { (room) throws(SluiceError) in
        try content.fill(room, upTo: Self.limit + 1)
      }
      isWhole = arena.count <= Self.limit
      bytes = arena.view(from: 0, count: min(arena.count, Self.limit)).array
      // What is wrong with gzip, bombs included, is known before any row is looked at.
      if isCompressed, !isWhole { try Self.drain(content, arena) }
    } catch {
      throw error.naming(shown)
    }
    if bytes.isEmpty {
      throw SluiceError(
        .damaged, "empty-file", file: shown, cause: "the file is empty", remedy: "take a sample that holds some rows")
    }
    if let kind = Self.binary(bytes) {
      throw SluiceError(
        .damaged, "not-tabular", file: shown, cause: "this is \(kind), not a table and no XML",
        remedy: "unpack or convert it first, or take another sample")
    }
  }

  /// Reads a source to its end and keeps nothing.
  private static func drain(_ source: any ByteSource, _ arena: ByteArena) throws(SluiceError) {
    repeat {
      arena.removeAll()
      try arena.fill(upTo: limit) { (room) throws(SluiceError) in try source.read(into: room, upTo: limit) }
    } while arena.count > 0
  }

  /// Whether the sample is an XML document, in whatever encoding.
  var isXML: Bool {
    var start = ByteOrderMark.length(in: bytes)
    while start < min(bytes.count, 4096), [0x20, 0x09, 0x0A, 0x0D, 0].contains(bytes[start]) { start += 1 }
    let rest = bytes[start...].prefix(64).filter { $0 != 0 }
    if rest.starts(with: [0x4C, 0x6F, 0xA7, 0x94]) { return true }
    guard rest.first == 0x3C, rest.count > 1 else { return false }
    let text = String(decoding: rest, as: UTF8.self).lowercased()
    guard !text.hasPrefix("<!doctype html"), !text.hasPrefix("<html") else { return false }
    return text.hasPrefix("<?xml") || text.hasPrefix("<!") || rest[rest.startIndex + 1] > 0x40
  }

  /// What a binary file is, by its first bytes; nil for what may be text.
  private static func binary(_ bytes: [UInt8]) -> String? {
    let known: [(start: [UInt8], kind: String)] = [
      ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive (or a workbook, which is one)"), ([0x25, 0x50, 0x44, 0x46], "a PDF"),
      ([0xD0, 0xCF, 0x11, 0xE0], "an old workbook"), ([0x42, 0x5A, 0x68], "a bzip2 archive"),
      ([0xFD, 0x37, 0x7A, 0x58], "an xz archive"), ([0x28, 0xB5, 0x2F, 0xFD], "a zstd archive"),
      ([0x1F, 0x8B], "gzip inside gzip"), ([0x78, 0x9C], "a zlib stream"), ([0x89, 0x50, 0x4E, 0x47], "a picture"),
      ([0x50, 0x41, 0x52, 0x31], "a Parquet file"), ([0x53, 0x51, 0x4C, 0x69], "an SQLite database"),
    ]
    return known.first { bytes.starts(with: $0.start) }?.kind
  }
}
