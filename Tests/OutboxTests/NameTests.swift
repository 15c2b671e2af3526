import Streams
import Testing

@testable import Outbox

@Suite("Names in the outbox")
struct OutboxNameTests {
  private func name(
    publication: Int = 31, step: OutboxStep = .stock, form: OutboxName.Form = .any, part: Int? = nil,
    suffix: String = "csv"
  ) -> String {
    OutboxName(
      publication: publication, step: step, time: 1_795_400_100, feed: "erp-inventory", entity: "stock_sources",
      form: form, behaviour: "append", part: part, suffix: suffix
    ).fileName
  }

  @Test("say publication, step, time, feed, entity and behaviour")
  func parts() {
    #expect(name() == "00000031-20-20261123T021500Z-erp-inventory.stock_sources.append.csv")
    #expect(
      name(form: .new, part: 2) == "00000031-20-20261123T021500Z-erp-inventory.stock_sources-new.append-002.csv")
    #expect(
      name(form: .update, suffix: "json")
        == "00000031-20-20261123T021500Z-erp-inventory.stock_sources-update.append.json")
    #expect(OutboxName.manifest(publication: 31, feed: "erp") == "00000031-erp.json")
    #expect(OutboxName.rejects(drop: 42, feed: "erp") == "00000042-erp.csv")
  }

  @Test("sort by publication, then by the order of import, then by part")
  func sorting() {
    let names = [
      name(publication: 9, step: .deletes), name(publication: 10, step: .products, form: .new),
      name(publication: 10, step: .products, form: .update, part: 1),
      name(publication: 10, step: .products, form: .update, part: 2),
      name(publication: 10, step: .products, form: .update, part: 10), name(publication: 10, step: .stock),
      name(publication: 10, step: .prices), name(publication: 10, step: .customers), name(publication: 10, step: .bi),
      name(publication: 10, step: .edm), name(publication: 10, step: .deletes), name(publication: 99_999_999),
    ]
    #expect(names.sorted() == names)
    #expect(Set(names).count == names.count)
  }

  @Test("give their publication back")
  func publication() {
    #expect(OutboxName.publication(of: name()) == 31)
    #expect(OutboxName.publication(of: "00000031-erp.json") == 31)
    #expect(OutboxName.publication(of: "0000031-erp.json") == nil)
    #expect(OutboxName.publication(of: "datapackage.json") == nil)
  }

  @Test(
    "write times of any day",
    arguments: [
      (0, "19700101T000000Z"), (951_782_400, "20000229T000000Z"), (1_709_251_199, "20240229T235959Z"),
      (4_107_542_400, "21000301T000000Z"), (-1, "19691231T235959Z"), (1_795_400_100, "20261123T021500Z"),
    ])
  func times(seconds: Int64, expected: String) {
    #expect(OutboxName.stamp(seconds) == expected)
  }

  @Test("write every day for four centuries as the day after the one before")
  func days() {
    var day = (year: 2000, month: 1, day: 1)
    for number in 10_957..<(10_957 + 146_097) {
      let time = UTCTime(Int64(number) * 86_400)
      guard (time.year, time.month, time.day) == day else {
        Issue.record("day \(number) is \(time), not \(day)")
        return
      }
      let isLeap = day.year % 4 == 0 && (day.year % 100 != 0 || day.year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      if day.day < lengths[day.month - 1] {
        day.day += 1
      } else {
        day = day.month < 12 ? (day.year, day.month + 1, 1) : (day.year + 1, 1, 1)
      }
    }
    #expect(day == (2400, 1, 1))
  }

  @Test("stand in a manifest with sorted keys that can be read back")
  func manifest() throws {
    let manifest = Manifest(
      publication: 31, feed: "erp", drop: 42, committedAt: 1_795_400_100, chain: .init(entry: 7, hash: "ab"),
      files: [.init(path: "commerce/a.csv", target: "commerce.stock_sources", rows: 2, bytes: 30, sha256: "cd")])
    let bytes = try manifest.encoded()
    let text = String(decoding: bytes, as: UTF8.self)
    let compact = text.filter { !$0.isWhitespace }
    #expect(
      compact == #"{"chain":{"entry":7,"hash":"ab"},"committed_at":"2026-11-23T02:15:00Z","drop":42,"feed":"erp","#
        + #""files":[{"bytes":30,"path":"commerce/a.csv","rows":2,"sha256":"cd","target":"commerce.stock_sources"}],"#
        + #""publication":31}"#)
    #expect(text.hasSuffix("}\n"))
    #expect(try Manifest(decoding: bytes, path: "m.json") == manifest)
    let error = try #require(throws: SluiceError.self) { try Manifest(decoding: Array("{".utf8), path: "m.json") }
    #expect(error.code == "manifest-invalid")
  }
}
