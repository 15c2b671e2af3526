import Foundation
import GRDB
import Streams

/// The hash chain: the canonical forms of `docs/ledger.md`, how entries are appended and how they are checked.
enum Chain {
  /// The `previous` of the first entry.
  static let start = String(repeating: "0", count: 64)

  /// The last entry.
  static func head(_ db: Database) throws -> ChainHead {
    let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1"))
    return row.map { ChainHead(entry: $0["id"], hash: $0["hash"]) } ?? ChainHead(entry: 0, hash: start)
  }

  /// Appends an entry inside the write transaction of `db`.
  ///
  /// `children` inserts the child rows and returns the body; it gets the entry's number and time, which is `clock` or
  /// the time of the previous entry if that is later.
  static func append(
    _ db: Database, _ kind: EntryKind, drop: Int?, feed: String?, clock: Int64,
    children: (_ entry: Int, _ at: String) throws -> any Encodable
  ) throws -> Entry {
    let last = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT id, at, hash FROM entry ORDER BY id DESC LIMIT 1"))
    let id: Int = (last?["id"] ?? 0) + 1
    let at: String = max(Timestamp.text(clock), last?["at"] ?? "")
    let previous: String = last?["hash"] ?? start
    let body = try EntryBody.text(try children(id, at))
    let digest = try childDigest(db, entry: id, tables: tables(of: kind))
    let columns: [(any DatabaseValueConvertible)?] = [id, at, kind.rawValue, drop, feed, body, digest, previous]
    let hash = try SHA256Digest.hex(form(columns.map { $0?.databaseValue ?? .null }))
    let statement = try db.cachedStatement(
      sql: "INSERT INTO entry (\(Entry.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    try statement.execute(arguments: StatementArguments(columns + [hash]))
    return Entry(
      id: id, at: at, kind: kind, drop: drop, feed: feed, body: body, children: digest, previous: previous, hash: hash)
  }

  /// The tables in which an entry of that kind has rows: there are none to look for in the others.
  private static func tables(of kind: EntryKind) -> [ChildTable] {
    switch kind {
    case .claimed: [.claim]
    case .finished: []
    default: ChildTable.all
    }
  }

  /// Inserts a child row; `values` follow the table's columns after `id` and `entry`.
  static func insert(
    _ db: Database, _ table: ChildTable, entry: Int, _ values: [(any DatabaseValueConvertible)?]
  ) throws {
    let columns = table.columns.dropFirst()
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    let statement = try db.cachedStatement(
      sql: "INSERT INTO \(table.name) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
    try statement.execute(arguments: StatementArguments([entry] + values))
  }

  /// The first entry that does not hold, nil when the whole chain does.
  static func firstBreak(_ db: Database) throws -> ChainBreak? {
    var expected = ChainHead(entry: 1, hash: start)
    var lastTime: [UInt8] = []
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT id, CAST(at AS BLOB), CAST(kind AS BLOB), drop_id, CAST(feed AS BLOB), CAST(body AS BLOB),
          CAST(children AS BLOB), CAST(previous AS BLOB), CAST(hash AS BLOB) FROM entry ORDER BY id
        """)
    while let row = try rows.next() {
      let values = Array(row.databaseValues)
      func text(_ index: Int) -> String { String(decoding: bytes(values[index]), as: UTF8.self) }
      let found: Int = row[0]
      if found != expected.entry { return ChainBreak(entry: expected.entry, cause: "the entry is missing") }
      if text(7) != expected.hash { return ChainBreak(entry: found, cause: "it does not name the entry before") }
      if text(6) != (try childDigest(db, entry: found)) {
        return ChainBreak(entry: found, cause: "its rows are not those that were committed")
      }
      if text(8) != (try SHA256Digest.hex(form(values.dropLast()))) {
        return ChainBreak(entry: found, cause: "its hash does not match its columns")
      }
      let time = bytes(values[1])
      if time.lexicographicallyPrecedes(lastTime) { return ChainBreak(entry: found, cause: "time runs backwards") }
      lastTime = time
      expected = ChainHead(entry: found + 1, hash: text(8))
    }
    for table in ChildTable.all {
      let orphan = "SELECT min(entry) FROM \(table.name) WHERE entry NOT IN (SELECT id FROM entry)"
      if let entry = try Int.fetchOne(db, sql: orphan) {
        return ChainBreak(entry: entry, cause: "rows of \(table.name) belong to no entry")
      }
    }
    return nil
  }

  /// SHA-256 of an entry's child rows: for each table, for each row by id, a line with the table's name and the
  /// columns.
  private static func childDigest(
    _ db: Database, entry: Int, tables: [ChildTable] = ChildTable.all
  ) throws -> String {
    var digest = try SHA256Digest()
    var isEmpty = true
    for table in tables {
      // As blobs, because a text read as such would end at a smuggled U+0000.
      let columns = table.columns.map { "CASE typeof(\($0)) WHEN 'text' THEN CAST(\($0) AS BLOB) ELSE \($0) END" }
      let statement = try db.cachedStatement(
        sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table.name) WHERE entry = ? ORDER BY id")
      let rows = try Row.fetchCursor(statement, arguments: [entry])
      while let row = try rows.next() {
        isEmpty = false
        var line = Array(table.name.utf8)
        for value in row.databaseValues { encode(value, into: &line) }
        line.append(UInt8(ascii: "\n"))
        digest.update(line)
      }
    }
    return isEmpty ? "" : digest.finish()
  }

  /// Appends `,` and the column: `-` for NULL, an integer in decimal, else the length in bytes, a colon and the bytes.
  private static func encode(_ value: DatabaseValue, into line: inout [UInt8]) {
    line.append(UInt8(ascii: ","))
    switch value.storage {
    case .null: line.append(UInt8(ascii: "-"))
    case .int64(let number): line.append(contentsOf: String(number).utf8)
    case .double, .string, .blob:
      let content = bytes(value)
      line.append(contentsOf: "\(content.count):".utf8)
      line.append(contentsOf: content)
    }
  }

  /// An entry's canonical form: its columns up to `previous`, joined by line feeds, NULL as nothing.
  private static func form(_ values: some Sequence<DatabaseValue>) -> [UInt8] {
    Array(values.map(bytes).joined(separator: [UInt8(ascii: "\n")]))
  }

  private static func bytes(_ value: DatabaseValue) -> [UInt8] {
    switch value.storage {
    case .null: []
    case .int64(let number): Array(String(number).utf8)
    case .double(let number): Array(String(number).utf8)
    case .string(let text): Array(text.utf8)
    case .blob(let data): Array(data)
    }
  }
}
