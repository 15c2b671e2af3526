import Outbox
import Streams
import Tabular

/// One file that a drop produced, staged but not yet published. Its final name is made at the commit.
public struct StagedOutput: Codable, Equatable, Sendable {
  /// File name inside the staging directory.
  public var stagedName: String
  /// The target it belongs to (`commerce.stock_sources`); nil for the data package of a publication.
  public var target: String
  /// Outbox directory.
  public var system: TargetSystem
  /// STEP of the final name.
  public var step: Int
  /// Entity part of the final name.
  public var entity: String
  /// `new`, `update`, or nil.
  public var variant: String?
  /// `append`, `replace`, `delete`, or what a BI or eDM file is.
  public var behaviour: String
  /// Ordinal among the files of one entity, variant and behaviour, from 1; part of the name when there are several.
  public var part: Int
  /// The header.
  public var columns: [String]
  /// Data rows.
  public var rows: Int
  /// Bytes.
  public var bytes: Int
  /// SHA-256 of the bytes, hex.
  public var sha256: String

  /// A staged file.
  public init(
    stagedName: String, target: String, system: TargetSystem, step: Int, entity: String, variant: String? = nil,
    behaviour: String, part: Int = 1, columns: [String] = [], rows: Int, bytes: Int, sha256: String
  ) {
    self.stagedName = stagedName
    self.target = target
    self.system = system
    self.step = step
    self.entity = entity
    self.variant = variant
    self.behaviour = behaviour
    self.part = part
    self.columns = columns
    self.rows = rows
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// The files that one drop stages, created in the order of their first row.
public final class StagingArea {
  /// Where the files are staged.
  public let directory: String
  fileprivate let isDurable: Bool
  /// No file is made: what would be written stays in memory.
  fileprivate let isInMemory: Bool
  private var files: [RowFile] = []
  private var open: [RowFile] = []
  /// Descriptors kept open at once; the others are suspended and continued.
  private static let maximumOpenFiles = 24

  /// An area in `directory`, which exists and is empty. `isDurable` false leaves out fsync.
  public init(directory: String, isDurable: Bool) {
    self.directory = directory
    self.isDurable = isDurable
    isInMemory = false
  }

  /// An area in memory, for previews: no file is made.
  public init() {
    directory = ""
    isDurable = false
    isInMemory = true
  }

  /// What identifies a kind of file; all of it becomes part of the final name.
  public struct Kind: Equatable, Sendable {
    /// The target, as `--json` names it.
    public var target: String
    /// The consumer.
    public var system: TargetSystem
    /// STEP of the file name.
    public var step: Int
    /// Entity part of the file name.
    public var entity: String
    /// `new`, `update`, or nil.
    public var variant: String?
    /// Behaviour part of the file name.
    public var behaviour: String

    /// A kind of file.
    public init(
      target: String, system: TargetSystem, step: Int, entity: String, variant: String? = nil, behaviour: String
    ) {
      self.target = target
      self.system = system
      self.step = step
      self.entity = entity
      self.variant = variant
      self.behaviour = behaviour
    }
  }

  /// Starts a file with its header.
  public func makeFile(_ kind: Kind, columns: [String]) throws(SluiceError) -> RowFile {
    let part = files.count { $0.kind == kind } + 1
    let name = String(files.count + 1).leftPadded(to: 6) + ".csv"
    let file = try RowFile(kind: kind, part: part, columns: columns, directory: directory, name: name, area: self)
    files.append(file)
    return file
  }

  /// Called by a file that has no descriptor before it writes: keeps the number of open descriptors bounded. Of those
  /// that are open, the one opened first goes that was not written to since it was looked at here last.
  fileprivate func willOpen(_ file: RowFile) throws(SluiceError) {
    while open.count >= Self.maximumOpenFiles {
      let oldest = open.removeFirst()
      if oldest.isInUse {
        oldest.isInUse = false
        open.append(oldest)
      } else {
        try oldest.suspend()
      }
    }
    open.append(file)
  }

  /// Finishes all files, in the order in which they were started.
  public func finish() throws(SluiceError) -> [StagedOutput] {
    var outputs: [StagedOutput] = []
    for file in files { outputs.append(try file.finish(isDurable: isDurable)) }
    return outputs
  }

  /// Finishes all files of an area in memory: what each would be, and its bytes.
  public func finishInMemory() throws(SluiceError) -> [(output: StagedOutput, bytes: [UInt8])] {
    let outputs = try finish()
    return zip(outputs, files).map { ($0, $1.bytesInMemory) }
  }
}

/// A staged CSV file under construction: comma, LF, quoted where needed (RFC 4180), UTF-8 without a byte order mark.
public final class RowFile {
  /// What the file is.
  public let kind: StagingArea.Kind
  private let part: Int
  private let columns: [String]
  private let file: StagedFile
  private let row = ByteArena(capacity: 1 << 12)
  private unowned let area: StagingArea
  @exclusivity(unchecked) private var isAtRowStart = true
  /// It is among the open files of the area.
  @exclusivity(unchecked) private var isOpen = false
  /// A row was written since the area last looked for a file to suspend.
  @exclusivity(unchecked) fileprivate var isInUse = false
  /// Data rows so far.
  @exclusivity(unchecked) public private(set) var rows = 0

  fileprivate init(
    kind: StagingArea.Kind, part: Int, columns: [String], directory: String, name: String, area: StagingArea
  ) throws(SluiceError) {
    self.kind = kind
    self.part = part
    self.columns = columns
    self.area = area
    file =
      area.isInMemory
      ? try StagedFile(inMemory: name)
      : try StagedFile(directory: directory, name: name, syncsLater: area.isDurable)
    for column in columns { append(column) }
    try writeRow()
  }

  /// Adds a cell of the row under construction.
  @inline(__always)
  public func append(_ cell: ByteView) {
    if !isAtRowStart { row.append(0x2C as UInt8) }
    isAtRowStart = false
    CSVCell.append(cell, to: row, delimiter: 0x2C)
  }

  /// Adds a cell of the row under construction.
  public func append(_ cell: String) { Array(cell.utf8).withView { append($0) } }

  /// Adds an empty cell of the row under construction.
  @inline(__always)
  public func appendEmpty() {
    if !isAtRowStart { row.append(0x2C as UInt8) }
    isAtRowStart = false
  }

  /// Ends the row.
  @inline(__always)
  public func endRow() throws(SluiceError) {
    try writeRow()
    rows &+= 1
  }

  @inline(__always)
  private func writeRow() throws(SluiceError) {
    row.append(0x0A as UInt8)
    if !isOpen {
      try area.willOpen(self)
      isOpen = true
    }
    isInUse = true
    try file.append(row.view)
    row.removeAll()
    isAtRowStart = true
  }

  fileprivate var bytesInMemory: [UInt8] { file.bytesInMemory }

  fileprivate func suspend() throws(SluiceError) {
    isOpen = false
    try file.suspend()
  }

  fileprivate func finish(isDurable: Bool) throws(SluiceError) -> StagedOutput {
    let summary = try file.finish(durable: isDurable)
    return StagedOutput(
      stagedName: summary.name, target: kind.target, system: kind.system, step: kind.step, entity: kind.entity,
      variant: kind.variant, behaviour: kind.behaviour, part: part, columns: columns, rows: rows,
      bytes: summary.bytes, sha256: summary.sha256)
  }
}

extension String {
  /// The text with zeros before it, at least `width` characters long.
  public func leftPadded(to width: Int) -> String {
    String(repeating: "0", count: max(0, width - count)) + self
  }
}
