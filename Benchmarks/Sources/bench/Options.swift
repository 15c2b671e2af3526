/// What is to be measured.
struct Options {
  static let usage = """
    usage: bench [--rows N] [--runs N] [--workloads a,b,…] [--root DIR] [--peers DIR] [--python PATH]
    Workloads measured without --workloads: inventory, product, pim, odd, delta, queue, start, allocations.
    By name only: growth, snapshot100m, and inventory-gz, product-gz, pim-gz for the gzipped files alone.
    """

  /// What is measured when nothing is named.
  static let usual = ["start", "inventory", "product", "pim", "allocations", "odd", "delta", "queue"]

  /// Rows of `inventory`; the catalogue has a fifth of them.
  var rows = 1_000_000
  /// How often each command is measured.
  var runs = 5
  var workloads = Options.usual
  /// Root of the repository, where `.build/release/sluice` stands.
  var root = "."
  /// Directory with `duckdb_nightly.py` and `python_nightly.py`, which do the same job for comparison.
  var peers = ""
  /// The Python that has DuckDB.
  var python = "python3"

  init(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { throw BenchFailure(Options.usage) }
      switch option {
      case "--rows": rows = Int(value) ?? 0
      case "--runs": runs = Int(value) ?? 0
      case "--workloads": workloads = value.split(separator: ",").map(String.init)
      case "--root": root = value
      case "--peers": peers = value
      case "--python": python = value
      default: throw BenchFailure(Options.usage)
      }
    }
    guard rows > 0, runs > 0, !workloads.isEmpty else { throw BenchFailure(Options.usage) }
  }
}
