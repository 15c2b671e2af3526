import Foundation

/// Where things are, and what of the outside can be used.
struct Place {
  let options: Options
  /// The release binary.
  let sluice: String
  /// Directory of generated data and of the projects that are run.
  let data: String
  /// Directory of the benchmark's own products.
  private let products: String
  /// Directory of the peers' scripts; `nil` when it is not there.
  let peers: String?
  /// True when the Python has DuckDB.
  let hasDuckDB: Bool

  /// Looks round.
  init(_ options: Options) throws {
    self.options = options
    sluice = "\(options.root)/.build/release/sluice"
    data = "\(options.root)/Benchmarks/data"
    products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    try Files.makeDirectory(data)
    let wanted = options.peers.isEmpty ? "\(options.root)/../shared/bench/peers" : options.peers
    peers = Files.exists("\(wanted)/duckdb_nightly.py") ? wanted : nil
    let probe = try? Measured.run([
      options.python, "-c", "import importlib.util as u; print(bool(u.find_spec('duckdb')))",
    ])
    hasDuckDB = probe?.output.hasPrefix("True") == true
    if peers == nil { Text.say("no peers in \(wanted): nothing is compared with DuckDB and Python") }
    if peers != nil, !hasDuckDB { Text.say("\(options.python) has no duckdb: nothing is compared with it") }
  }

  /// A template of the benchmark.
  func template(_ name: String) -> String { "\(options.root)/Benchmarks/\(name)" }

  /// One of the benchmark's own programs or libraries.
  func product(_ name: String) -> String { "\(products)/\(name)" }

  /// True when a program can be found in PATH.
  func has(_ program: String) -> Bool {
    (try? Measured.run(["sh", "-c", "command -v \(program)"]))?.status == 0
  }
}
