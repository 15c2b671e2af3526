/// The version of this program, as `--version` and the ledger name it.
package enum BinaryVersion {
  package static let text = "0.1.0"
}
