/// The same job as a DuckDB script, with its database after day 1.
struct Peer {
  /// What tables call it.
  static let name = "DuckDB"

  private let command: [String]
  private let data: Dataset
  private let directory: String

  /// Runs day 1 once, so that day 2 can start from a copy; `nil` where there is no peer for the data.
  init?(_ place: Place, _ data: Dataset) throws {
    guard let peers = place.peers, place.hasDuckDB, ["inventory", "product"].contains(data.feed), !data.isGzip else {
      return nil
    }
    command = [place.options.python, "\(peers)/duckdb_nightly.py", data.feed]
    self.data = data
    directory = "\(place.data)/peer"
    try Files.makeFresh(directory)
    try Measured.succeed(command + [data.files[0], "\(directory)/day1.db", "\(directory)/out"])
  }

  /// The command of a day, which starts from no database or from that of day 1.
  func contender(day: Int) -> Contender {
    let directory = directory
    let database = "\(directory)/run.db"
    return Contender(
      name: Peer.name, command: command + [data.files[day - 1], database, "\(directory)/out"],
      prepare: {
        for file in [database, "\(database).wal", "\(directory)/out"] { Files.remove(file) }
        if day == 2 { try Files.copy("\(directory)/day1.db", to: database) }
      })
  }

  /// Takes away what it has written.
  func remove() { Files.remove(directory) }
}
