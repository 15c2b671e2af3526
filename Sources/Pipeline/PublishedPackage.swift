import Feeds
import Outbox
import Targets

/// The Frictionless descriptor of the BI files of one publication.
struct PublishedPackage {
  /// The target under which reports and the ledger list it.
  static let target = "bi.datapackage"

  /// Its name in `outbox/bi`, and its text.
  let name: String
  let text: String

  /// Describes those of `files` that are for BI; nil when there are none. A path is that below the outbox, `time` that
  /// of the publication in seconds since 1970 UTC.
  init?(
    feed: String, publication: Int, time: Int, targets: [PreparedTarget],
    files: [(staged: StagedOutput, path: String)]
  ) {
    let described = files.filter { $0.staged.system == .bi }
    guard !described.isEmpty else { return nil }
    let resources = described.map { file in
      let types = targets.first { $0.name == file.staged.target }?.types ?? [:]
      return DataPackage.Resource(
        path: String(file.path.dropFirst("bi/".count)), bytes: file.staged.bytes, sha256: file.staged.sha256,
        fields: file.staged.columns.map { column in
          let type = types[column] ?? "string"
          // `time` is written by us, as Table Schema has it.
          return (column, type, type == "datetime" && column != "time" ? DataPackage.datetimeFormat : nil)
        })
    }
    name = OutboxName(
      publication: publication, step: .bi, time: Int64(time), feed: feed, entity: "datapackage",
      behaviour: "describe", suffix: "json"
    ).fileName.replacing(".datapackage.describe.json", with: ".datapackage.json")
    text = DataPackage.json(
      name: String(name.dropLast(".datapackage.json".count)).lowercased(), created: UTCTime.text(time),
      resources: resources)
  }
}
