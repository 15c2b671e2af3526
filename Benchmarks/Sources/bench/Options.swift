/// What is to be measured.
struct Options {
  static let usage = """
    usage: bench [--rows N] [--workloads a,b,…] [--order shuffled|sorted] [--root DIR] [--peers DIR] [--python PATH]
    Workloads: inventory, inventory-gz, product, product-gz, pim.
    """

  var rows = 1_000_000
  var workloads = ["inventory", "inventory-gz", "product", "pim"]
  var order = "shuffled"
  /// Root of the repository, where `.build/release/sluice` stands.
  var root = "."
  /// Directory with `duckdb_nightly.py`, which does the same job for comparison.
  var peers: String?
  /// The Python that has DuckDB.
  var python = "python3"

  init(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { throw BenchFailure(Options.usage) }
      switch option {
      case "--rows": rows = Int(value) ?? 0
      case "--workloads": workloads = value.split(separator: ",").map(String.init)
      case "--order": order = value
      case "--root": root = value
      case "--peers": peers = value.isEmpty ? nil : value
      case "--python": python = value
      default: throw BenchFailure(Options.usage)
      }
    }
    guard rows > 0, !workloads.isEmpty else { throw BenchFailure(Options.usage) }
  }
}
