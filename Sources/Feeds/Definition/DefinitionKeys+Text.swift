/// The keys of formats that are text in lines.
extension DefinitionKeys {
  private static let skipLines = DefinitionKey(
    "skip_lines", "a whole number", "lines before the table that are passed over")
  private static let skipTo = DefinitionKey(
    "skip_to", "a text", "beginning of the line behind which the table starts")
  private static let comment = DefinitionKey(
    "comment", "a text of at most 8 bytes", "what lines that are no rows begin with")
  private static let ragged = DefinitionKey("ragged", "reject or pad", "what becomes of rows of another length")
  private static let recordTypes = DefinitionKey("records", "a mapping", "which rows are data, by a code in them")
  private static let footer = DefinitionKey(
    "footer", "a text or a list of texts", "what the first cell behind the data begins with")
  private static let skipFooter = DefinitionKey(
    "skip_footer", "a whole number", "lines at the end that are passed over")
  private static let trailerRow = DefinitionKey(
    "trailer", "a mapping", "the last row, which says what the drop holds")
  private static let lineEnd = DefinitionKey("line_end", "auto, cr, any or a text", "what ends a row")

  /// `format: { csv: … }`.
  package static let csv = KeyTable(
    name: "csv",
    keys: [
      .init("delimiter", "a text of at most 8 bytes or comma, semicolon, tab, pipe", "what stands between cells"),
      .init("quote", "one character or none", "what encloses cells"),
      .init("escape", "one character or none", "what takes the meaning from the character behind it"),
      lineEnd,
      .init("header", "true, false or repeated", "whether the first row names the columns"),
      skipLines, skipTo, comment,
      .init("blank_lines", "skip, skip_delimiters or keep", "what becomes of lines that hold nothing"),
      ragged, recordTypes, footer, skipFooter, trailerRow, encoding, decimal, thousands,
    ])

  /// `format: { csv: { records: … } }`.
  package static let records = KeyTable(
    name: "records",
    keys: [
      .init("data", "a text or a list of texts", required: true, "codes of the rows that are data"),
      .init("skip", "a text or a list of texts", "codes of rows that are passed over"),
      .init("cell", "a whole number", "the cell that holds the code, from 1"),
    ])

  /// `format: { csv: { trailer: … } }`.
  package static let trailer = KeyTable(
    name: "trailer",
    keys: [
      .init("starts", "a text", required: true, "its first cell, which no data row has"),
      .init("rows", "a whole number", "which of its cells holds the number of rows, from 1"),
      .init("also_counted", "a whole number", "rows that this number counts beside the data rows"),
      .init("sums", "a mapping", "columns, and which of its cells holds the sum of each"),
    ])

  /// `format: { fixed: … }`.
  package static let fixed = KeyTable(
    name: "fixed",
    keys: [
      .init("columns", "a mapping", required: true, "names of columns, and where each stands in the line"),
      lineEnd, skipLines, skipTo, comment, ragged, recordTypes, footer, skipFooter, trailerRow, encoding, decimal,
      thousands,
    ])
}
