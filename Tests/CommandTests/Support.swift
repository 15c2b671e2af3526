import Glibc
import TestSupport
import Testing

/// A feed of stock quantities whose parts the tests replace.
struct StockFeed {
  var name = "stock"
  /// `files:` and, beside a single pattern, `mode:`.
  var files = "files: 'S_*.csv*'\nmode: full"
  var format = "csv: { delimiter: ';', decimal: ',' }"
  var intake = "quiet: 0"
  var guards = ""
  var sku = "{ from: SKU, required: true, max_length: 20 }"
  var quantity = "{ from: QTY, required: true, type: decimal(2), min: 0 }"
  /// Further lines at the end.
  var more = ""

  /// Fulls and deltas that say in their names when they speak and which number they have.
  static let timed = """
    files:
      - { match: 'F_{as_of:yyyyMMddHHmm}.csv*', mode: full }
      - { match: 'D_{as_of:yyyyMMddHHmm}_{sequence}.csv*', mode: delta }
    """

  /// The definition.
  var text: String {
    """
    feed: \(name)
    \(files)
    format: { \(format) }
    intake: { \(intake) }
    fields:
      sku: \(sku)
      qty: \(quantity)
    key: sku
    guards: { \(guards) }
    commerce:
      stock_sources:
        constants: { source_code: \(name) }
        columns: { sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
        removed: zero
    \(more)

    """
  }

  /// A project with this feed alone.
  func project() throws -> TestProject { try TestProject(feeds: [name: text]) }
}

/// An XML feed of names, for BI.
enum NameFeed {
  /// The definition; an incomplete drop is given up at the second look.
  static let text = """
    feed: names
    files: 'N_*.xml'
    mode: full
    format: { xml: { record: /LIST/ITEM } }
    intake: { quiet: 0, incomplete_after: 0 }
    fields:
      sku: { from: ID, required: true }
      name: { from: NAME, required: true }
    key: sku
    bi:
      changes: { columns: [sku, name] }

    """

  /// Records without the end of their document.
  static let records = "<LIST>\n" + (1...5).map { "<ITEM><ID>A\($0)</ID><NAME>n\($0)</NAME></ITEM>\n" }.joined()
}

/// A drop of the stock feed: 40 keys, each with `quantity` of its number.
func stock(_ keys: ClosedRange<Int> = 101...140, quantity: (Int) -> String = { _ in "5" }) -> String {
  "SKU;QTY\n" + keys.map { "A\($0);\(quantity($0))\n" }.joined()
}

/// One drop that differs from `stock()` in the key 101.
func stock(first quantity: String) -> String { stock { $0 == 101 ? quantity : "5" } }

/// What gzip(1) makes of the bytes.
func gzip(_ text: String) throws -> [UInt8] {
  let scratch = try TemporaryDirectory()
  try FileTree.write(text, to: scratch("data"))
  let result = try RunningCommand("/usr/bin/env", ["gzip", "-n", "data"], in: scratch.path).wait()
  try #require(result.status == 0, "\(result.errors)")
  return try FileTree.read(scratch("data.gz"))
}

extension TestProject {
  /// Names in the inbox, but for ignored ones that the test put there.
  var inbox: [String] { FileTree.files(below: path("inbox")) }

  /// Files that processing must not leave behind: claimed or staged ones, and anything half-done in the outbox.
  var leftovers: [String] {
    FileTree.files(below: path("work")).filter { !$0.hasPrefix(".lock") }.map { "work/\($0)" }
      + outbox.filter { $0.hasPrefix(".") || $0.contains("/.") }.map { "outbox/\($0)" }
  }

  /// Files of the outbox below one of its directories.
  func outbox(_ directory: String) -> [String] { outbox.filter { $0.hasPrefix("\(directory)/") } }

  /// What `sqlite3` answers, one row a line, cells joined by `|`.
  func sqlite(_ query: String) throws -> [String] {
    let result = try RunningCommand(
      "/usr/bin/env", ["sqlite3", "-readonly", path("ledger.sqlite"), query], in: directory.path
    ).wait()
    try #require(result.status == 0, "\(result.errors)")
    return result.output.split(separator: "\n").map(String.init)
  }

  /// All files and directories of the project with their bytes. SQLite's shared memory is left out: every reader marks
  /// itself there.
  func everything() throws -> [String: [UInt8]] {
    var tree = try FileTree.contents(below: directory.path)
    tree["ledger.sqlite-shm"] = nil
    for name in FileTree.names(in: directory.path) where FileTree.isDirectory(path(name)) { tree["\(name)/"] = [] }
    return tree
  }

  /// Drops the text as `name`, runs, and gives the exit status with the drop's object.
  func take(_ name: String, _ text: String, _ arguments: String...) throws -> (status: Int32, drop: JSONValue) {
    try take(name, bytes: Array(text.utf8), arguments)
  }

  /// The same for bytes.
  func take(
    _ name: String, bytes: [UInt8], _ arguments: [String] = []
  ) throws -> (status: Int32, drop: JSONValue) {
    try drop(name, bytes: bytes)
    let result = try sluice(["run", "--json", "--now", TestProject.now] + arguments)
    let drops = try result.jsonLines()
    let drop = try #require(drops.first { $0["file"].string == name }, "\(result.output)\(result.errors)")
    return (result.status, drop)
  }

  /// Runs without naming anything: the exit status and `FILE STATUS REASON` of each drop in order.
  func fates(_ arguments: String...) throws -> (status: Int32, drops: [String]) {
    let result = try sluice(["run", "--json", "--now", TestProject.now] + arguments)
    let drops = try result.jsonLines().map { drop in
      [drop["file"], drop["status"], drop["reason"]].map { $0.string ?? "-" }.joined(separator: " ")
    }
    return (result.status, drops)
  }

  /// A project of its own with the same files and ledger.
  func copied() throws -> TestProject {
    let copy = try TestProject()
    try FileTree.copy(directory.path, into: copy.directory.path)
    return copy
  }

  /// The number of the first call of a command at whose trace line (`N CALL PATH`) `isIt` is true; found on a copy.
  func call(_ command: [String], where isIt: (String) -> Bool) throws -> Int {
    let copy = try copied()
    let point = try CrashPoint(root: copy.directory.path)
    _ = try copy.sluice(command, environment: point.environment)
    let found = point.trace().first(where: isIt)
    let line = try #require(found, "\(point.trace().joined(separator: "\n"))")
    return try #require(Int(line.prefix { $0 != " " }))
  }

  /// Runs a command and kills it right after the first call at whose trace line `isIt` is true.
  func kill(_ command: [String], after isIt: (String) -> Bool) throws {
    let call = try call(command, where: isIt)
    let point = try CrashPoint(root: directory.path, fault: .kill(call: call + 1))
    #expect(try sluice(command, environment: point.environment).signal == 9)
  }

  /// Runs everything and kills the run when drop `drop` has been claimed and moved out of the inbox.
  func killAfterClaim(_ drop: Int, _ arguments: String...) throws {
    try kill(["run"] + arguments) { $0.contains(" rename") && $0.hasSuffix("/work/0000000\(drop)/data") }
  }
}
