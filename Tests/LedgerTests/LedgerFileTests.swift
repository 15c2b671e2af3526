import Foundation
import GRDB
import Streams
import Synchronization
import Testing

@testable import Ledger

@Suite("The ledger's file")
struct LedgerFileTests {
  @Test("A new ledger is in WAL mode, carries its mark and syncs every commit")
  func newFile() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    #expect(try Command.sqlite(fixture.path, "PRAGMA journal_mode; PRAGMA application_id") == "wal\n1397511497")
    #expect(try ledger.write { db, _ in try Int.fetchOne(db, sql: "PRAGMA synchronous") } == 2)
    #expect(try ledger.write { db, _ in try Int.fetchOne(db, sql: "PRAGMA foreign_keys") } == 1)
    #expect(try ledger.head() == ChainHead(entry: 0, hash: String(repeating: "0", count: 64)))
    #expect(try ledger.verifyChain() == nil)
  }

  @Test("A ledger of a later version is refused in both modes")
  func newer() throws {
    let fixture = try LedgerFixture()
    try fixture.open().close()
    _ = try Command.sqlite(fixture.path, "INSERT INTO grdb_migrations VALUES ('v99')")
    #expect(code { _ = try fixture.open() } == "ledger-newer")
    #expect(code { _ = try fixture.open(.readOnly) } == "ledger-newer")
  }

  @Test("Text, a directory, a torn file and somebody else's database are damaged ledgers")
  func damaged() throws {
    let text = try LedgerFixture()
    try Data("this is no database, although it is long enough to be taken for the header of one".utf8)
      .write(to: URL(fileURLWithPath: text.path))
    #expect(code { _ = try text.open() } == "ledger-damaged")
    #expect(code { _ = try text.open(.readOnly) } == "ledger-damaged")

    let directory = try LedgerFixture()
    try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: false)
    #expect(code { _ = try directory.open() } == "ledger-damaged")

    let foreign = try LedgerFixture()
    _ = try Command.sqlite(foreign.path, "CREATE TABLE books (id)")
    #expect(code { _ = try foreign.open() } == "ledger-damaged")
    #expect(try Command.sqlite(foreign.path, "PRAGMA journal_mode") == "delete")

    let torn = try LedgerFixture()
    let ledger = try torn.open()
    try LedgerFixture.publish(ledger)
    try ledger.close()
    let file = try #require(FileHandle(forWritingAtPath: torn.path))
    try file.seek(toOffset: 4096)
    try file.write(contentsOf: Data(repeating: 0xA5, count: 40 * 4096))
    try file.close()
    #expect(code { _ = try torn.open().verifyChain() } == "ledger-damaged")
  }

  @Test("Reading wants a ledger that is there; writing makes the file but not its directory")
  func missing() throws {
    let fixture = try LedgerFixture()
    #expect(code { _ = try fixture.open(.readOnly) } == "ledger-missing")
    try Data().write(to: URL(fileURLWithPath: fixture.path))
    #expect(code { _ = try fixture.open(.readOnly) } == "ledger-missing")
    #expect(
      code { _ = try Ledger.open(path: fixture.directory + "/none/l.sqlite", mode: .readWrite) } == "file-missing")
  }

  @Test("Opened for reading it reads without a writer, sees later commits and refuses to write")
  func readOnly() throws {
    let fixture = try LedgerFixture()
    var writer: Ledger? = try fixture.open()
    try LedgerFixture.publish(try #require(writer))
    try writer?.close()
    writer = nil
    #expect(FileManager.default.fileExists(atPath: fixture.path + "-wal"))
    #expect(FileManager.default.fileExists(atPath: fixture.path + "-shm"))
    let reader = try fixture.open(.readOnly)
    #expect(try reader.drops(limit: 10).count == 1)
    #expect(code { _ = try reader.claim(LedgerFixture.newClaim()) } == "permission-denied")
    let second = try fixture.open()
    try LedgerFixture.publish(second, "second.csv")
    #expect(try reader.drops(limit: 10).map(\.claim.drop) == [2, 1])
    #expect(try reader.verifyChain() == nil)
  }

  @Test("SQLite's results become the product's codes")
  func translation() {
    let codes: [(ResultCode, String)] = [
      (.SQLITE_BUSY, "ledger-locked"), (.SQLITE_LOCKED, "ledger-locked"), (.SQLITE_READONLY, "permission-denied"),
      (.SQLITE_CANTOPEN, "permission-denied"), (.SQLITE_PERM, "permission-denied"), (.SQLITE_FULL, "disk-full"),
      (.SQLITE_IOERR_FSYNC, "io-error"), (.SQLITE_CORRUPT, "ledger-damaged"), (.SQLITE_NOTADB, "ledger-damaged"),
      (.SQLITE_CONSTRAINT_TRIGGER, "ledger-conflict"),
    ]
    for (result, code) in codes {
      let error = LedgerFault.translate(DatabaseError(resultCode: result), path: "p/ledger.sqlite")
      #expect(error.code == code)
      #expect(error.kind == .environment)
      #expect(error.file == "p/ledger.sqlite")
    }
  }

  @Test("A foreign write transaction blocks no reader; a writer gives up with the remedy")
  func foreignWriter() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open(busyTimeout: 0.02)
    try LedgerFixture.publish(ledger)
    let foreign = try ForeignWriter(fixture.path)
    #expect(try ledger.head().entry == 3)
    #expect(try fixture.open(.readOnly).entries().count == 3)
    #expect(code { _ = try ledger.claim(LedgerFixture.newClaim("b.csv")) } == "ledger-locked")
    try foreign.letGo()
    #expect(try ledger.claim(LedgerFixture.newClaim("b.csv")).drop == 2)
  }

  @Test("Ledgers opened at once on one new file share it: every number once, one whole chain")
  func contention() throws {
    let fixture = try LedgerFixture()
    let drops = Mutex<[Int]>([])
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { lane in
      do {
        let ledger = try fixture.open()
        for number in 0..<10 {
          let drop = try ledger.claim(LedgerFixture.newClaim("\(lane)-\(number).csv")).drop
          drops.withLock { $0.append(drop) }
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(drops.withLock { $0.sorted() } == Array(1...40))
    let ledger = try fixture.open(.readOnly)
    #expect(try ledger.verifyChain() == nil)
    #expect(try ledger.head().entry == 40)
  }
}
