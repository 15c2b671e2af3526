import Ledger
import Streams

/// One page for an auditor that needs nothing beside itself: no script, no font, no picture from elsewhere.
struct AuditPage {
  /// Rows of a table that are shown; all of them are in the CSV files.
  static let mostRows = 2_000

  /// Columns that are shown of a view, of which the page would be too wide otherwise.
  static func shownColumns(_ view: ExportedView) -> [String] {
    switch view {
    case .drops:
      [
        "drop_id", "feed", "file", "mode", "claimed_at", "as_of", "status", "reason", "message", "publication", "read",
        "rejected", "accepted", "sha256", "definition",
      ]
    case .outputs: ["publication", "published_at", "drop_id", "feed", "target", "path", "rows", "sha256"]
    case .rejects: ["drop_id", "feed", "file", "line", "field", "rule", "message"]
    case .decisions: ["at", "kind", "drop_id", "feed", "person", "reason", "command_line"]
    case .entries: ["id", "at", "kind", "drop_id", "feed", "hash"]
    }
  }

  private let output: OutputFile

  init(_ output: OutputFile) { self.output = output }

  /// Writes the head of the page: what it shows, and whether the chain holds.
  func begin(title: String, facts: [(name: String, value: String)]) throws(SluiceError) {
    try output.append(
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(Self.escape(title))</title>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <style>
      body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; }
      table { border-collapse: collapse; margin: .5rem 0 2rem; }
      th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; vertical-align: top; }
      th { background: #f2f2f2; position: sticky; top: 0; }
      td { overflow-wrap: anywhere; max-width: 32rem; }
      @media print { th { position: static; } body { margin: 0; } }
      </style></head><body>
      <h1>\(Self.escape(title))</h1>
      <table>

      """)
    for fact in facts {
      try output.append("<tr><th>\(Self.escape(fact.name))</th><td>\(Self.escape(fact.value))</td></tr>\n")
    }
    try output.append("</table>\n")
  }

  /// Begins a table.
  func beginTable(_ title: String, columns: [String]) throws(SluiceError) {
    try output.append("<h2 id=\"\(Self.escape(title))\">\(Self.escape(title))</h2>\n<table>\n<tr>")
    for column in columns { try output.append("<th>\(Self.escape(column))</th>") }
    try output.append("</tr>\n")
  }

  /// Adds a row to the table.
  func row(_ values: [String?]) throws(SluiceError) {
    try output.append("<tr>")
    for value in values { try output.append("<td>\(Self.escape(value ?? ""))</td>") }
    try output.append("</tr>\n")
  }

  /// Ends a table that had `rows` rows, of which at most `mostRows` were shown.
  func endTable(rows: Int, file: String) throws(SluiceError) {
    try output.append("</table>\n")
    if rows > Self.mostRows {
      try output.append("<p>The first \(Self.mostRows) of \(rows) rows; all of them are in \(file).</p>\n")
    }
    if rows == 0 { try output.append("<p>None.</p>\n") }
  }

  /// Ends the page.
  func end() throws(SluiceError) { try output.append("</body></html>\n") }

  /// Text in HTML, in attributes too; what does not show is made visible.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
