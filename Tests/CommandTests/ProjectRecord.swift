import TestSupport

/// What a project shows to the world: compared between a disturbed history and the undisturbed one.
struct ProjectRecord: Equatable {
  /// How much of the outbox has to agree.
  enum Likeness {
    /// Every byte, but for the commit time and the chain in manifests.
    case identical
    /// Every row, but not the numbers of drops and publications and the time of publication: a drop that failed has
    /// come back under another number, perhaps after another feed's, and `release` takes the time from the clock.
    case sameRows
  }

  /// The outbox by path, staging included.
  var outbox: [String: String]
  /// Files in the archive without their numbers, sorted.
  var archive: [String]
  /// Outcomes by file name: `published`, `held`, `discarded` … in their order, failures and returns left out.
  var outcomes: [String: [String]]

  /// Reads the project.
  init(_ project: TestProject, likeness: Likeness) throws {
    outbox = [:]
    for (path, bytes) in try project.outboxContents().sorted(by: { $0.key < $1.key }) {
      let text = String(decoding: bytes, as: UTF8.self)
      switch likeness {
      case .identical: outbox[path] = path.hasPrefix("manifests/") ? Self.withoutChain(text) : text
      case .sameRows: outbox[Self.withoutNumbers(path), default: ""] += Self.rows(path, text)
      }
    }
    archive = FileTree.files(below: project.path("archive")).map { $0.replacing(#/\/[0-9]{8}-/#, with: "/") }.sorted()
    outcomes = [:]
    for row in try Self.query(project, Self.outcomesQuery) {
      outcomes[row[0], default: []].append(row[1])
    }
  }

  /// Lines of the manifest that the clock and the drop's number have no part in.
  private static func withoutChain(_ text: String) -> String {
    text.split(separator: "\n").filter { line in
      !["\"committed_at\"", "\"entry\"", "\"hash\""].contains { line.contains($0) }
    }.joined(separator: "\n")
  }

  /// All files of one kind of a feed go by one name, under which they stand in their order.
  private static func withoutNumbers(_ path: String) -> String {
    path.replacing(#/[0-9]{8}T[0-9]{6}Z/#, with: "TIME").replacing(#/["\/][0-9]{8}-/#, with: "/NUMBER-")
  }

  /// The rows of a file; of a manifest or data package the names that it lists.
  private static func rows(_ path: String, _ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if path.hasSuffix(".json") {
      return lines.filter { $0.contains("\"path\"") || $0.contains("\"rows\"") }
        .map { withoutNumbers(String($0)) }.joined(separator: "\n")
    }
    guard path.hasPrefix("bi/") else { return text }
    return lines.map { line in
      // `drop` stands before `time`, which is the last.
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      return (cells.dropLast(2) + cells.suffix(1)).joined(separator: ",")
    }.joined(separator: "\n")
  }

  /// The last entry of each kind that settles a drop, by drop.
  private static let outcomesQuery = """
    SELECT c.file, e.kind FROM entry e JOIN claim c ON c.drop_id = e.drop_id
    WHERE e.kind NOT IN ('claimed', 'finished', 'failed', 'returned') ORDER BY e.id
    """

  /// What the other one has otherwise, one line each, for a failure's comment.
  func differences(from other: ProjectRecord) -> String {
    var lines: [String] = []
    for path in Set(outbox.keys).union(other.outbox.keys).sorted() where outbox[path] != other.outbox[path] {
      lines.append("\(path): \(outbox[path] ?? "(absent)")\n  expected \(other.outbox[path] ?? "(absent)")")
    }
    if archive != other.archive { lines.append("archive \(archive), expected \(other.archive)") }
    if outcomes != other.outcomes { lines.append("outcomes \(outcomes), expected \(other.outcomes)") }
    return lines.joined(separator: "\n")
  }

  // MARK: - Traces of a command that was cut short

  /// What should not be there after a completed command, when no drop is held.
  static func leftovers(in project: TestProject) throws -> [String] {
    var left = FileTree.names(in: project.path("work")).filter { !$0.hasPrefix(".lock") }.map { "work/\($0)" }
    left += FileTree.names(in: project.path("outbox")).filter { $0.hasPrefix(".") }.map { "outbox/\($0)" }
    left += FileTree.names(in: project.path("inbox")).map { "inbox/\($0)" }
    left += FileTree.names(in: project.path("quarantine")).map { "quarantine/\($0)" }
    let open = "SELECT drop_id, kind FROM entry e WHERE drop_id IS NOT NULL AND kind <> 'finished' AND id = "
    left += try query(project, open + "(SELECT max(id) FROM entry WHERE drop_id = e.drop_id)").map { "open: \($0)" }
    return left + (try straySegments(of: project))
  }

  /// Segments that the latest two snapshots of their feed do not name, and that are not kept for the lineage.
  private static func straySegments(of project: TestProject) throws -> [String] {
    let latest = "(SELECT count(*) FROM snapshot n WHERE n.feed = s.feed AND n.id > s.id) < 2"
    let sql = "SELECT feed || '/' || value FROM snapshot s, json_each(segments) WHERE \(latest)"
    let named = Set(try query(project, sql).map { $0[0] })
    return FileTree.files(below: project.path("snapshots")).filter { file in
      !named.contains(String(file.prefix { $0 != "." })) && !isLineage(file)
    }.map { "snapshots/\($0)" }
  }

  /// `FEED/lineage/NUMBER.keys`, with the suffix of what a drop has said itself.
  private static func isLineage(_ file: String) -> Bool {
    let parts = file.split(separator: "/")
    guard parts.count == 3, parts[1] == "lineage" else { return false }
    return ["", "r", "g"].contains(parts[2].prefix { $0 != "." }.drop(while: \.isNumber))
  }

  /// Files in the outbox that no committed entry names.
  static func unrecorded(in project: TestProject) throws -> [String] {
    var known = Set(try query(project, "SELECT path FROM output").map { $0[0] })
    let rejects = "SELECT reject_file FROM result WHERE reject_file IS NOT NULL"
    known.formUnion(try query(project, rejects).map { $0[0] })
    let publications = try query(project, "SELECT printf('%08d', publication) FROM result WHERE publication > 0")
    let numbers = Set(publications.map { $0[0] })
    return project.outbox.filter { path in
      if path.hasPrefix(".staging/") || known.contains("outbox/" + path) { return false }
      return !(path.hasPrefix("manifests/") && numbers.contains(String(path.dropFirst(10).prefix(8))))
    }
  }

  /// Rows that the `sqlite3` command reads from the ledger; none while there is no ledger.
  static func query(_ project: TestProject, _ sql: String) throws -> [[String]] {
    let command = "exec sqlite3 -readonly -separator '\t' ledger.sqlite \"$0\""
    let result = try RunningCommand("/bin/sh", ["-c", command, sql], in: project.directory.path).wait()
    guard result.status == 0 else { throw TestFailure("sqlite3: \(result.errors)") }
    return result.output.split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
