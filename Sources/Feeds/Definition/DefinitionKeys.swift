/// One key of a definition: the one description that the loader, its messages and the documentation's test share.
package struct DefinitionKey: Sendable {
  /// Its name.
  package let name: String
  /// What it takes, as messages say it: "a text", "a whole number", "a mapping".
  package let takes: String
  /// Whether the definition is wrong without it.
  package let isRequired: Bool
  /// What it means, one line.
  package let meaning: String

  init(_ name: String, _ takes: String, required: Bool = false, _ meaning: String) {
    self.name = name
    self.takes = takes
    isRequired = required
    self.meaning = meaning
  }
}

/// The keys that one mapping of a definition may have.
package struct KeyTable: Sendable {
  /// What messages call the mapping.
  package let name: String
  /// Its keys, in the order of the documentation.
  package let keys: [DefinitionKey]

  /// The names of its keys.
  package var names: [String] { keys.map(\.name) }

  /// The description of a key.
  func key(_ name: String) -> DefinitionKey? { keys.first { $0.name == name } }
}

/// The keys of `sluice.yaml` and of feed definitions.
package enum DefinitionKeys {
  /// All tables.
  package static let all = [
    project, feed, file, format, csv, records, trailer, fixed, xml, field, type, booleanType, duplicates, deletes,
    guards, zeroed, swing, intake, commerce, event, row, example,
  ]

  /// `sluice.yaml`.
  package static let project = KeyTable(
    name: "sluice.yaml",
    keys: [
      .init("feeds", "a path", "directory of the feed definitions"),
      .init("inbox", "a path", "directory that files are dropped into"),
      .init("work", "a path", "directory of claimed, staged and held drops"),
      .init("outbox", "a path", "directory of what consumers read"),
      .init("archive", "a path", "directory of processed drops"),
      .init("quarantine", "a path", "directory of damaged drops"),
      .init("snapshots", "a path", "directory of what was published last"),
      .init("ledger", "a path", "the SQLite ledger"),
    ])

  /// A feed definition's top level.
  package static let feed = KeyTable(
    name: "a feed",
    keys: [
      .init("feed", "a text", required: true, "name of the feed"),
      .init("formerly", "a text", "former name, whose snapshot the feed takes over"),
      .init("store", "a text", "the Commerce installation that the feed's outputs are for"),
      .init("zone", "a text", "IANA time zone in which the source writes times"),
      .init("files", "a pattern or a list of patterns", required: true, "which files are drops of this feed"),
      .init("mode", "full or delta", "whether an absent key is a removal; beside a single pattern"),
      .init("format", "csv, xml or a mapping", required: true, "how drops are laid out"),
      .init("fields", "a mapping", required: true, "the fields of a record"),
      .init("key", "a field or a list of fields", required: true, "what identifies a record"),
      .init("duplicates", "first, last, reject or { latest: FIELD }", "which of several rows with one key counts"),
      .init("deletes", "a mapping", "which rows say that their key is gone"),
      .init("guards", "a mapping", "when a drop is held for a decision"),
      .init("intake", "a mapping", "when a file is taken"),
      .init("commerce", "a mapping", "targets that Adobe Commerce imports"),
      .init("bi", "a mapping", "targets that BI reads"),
      .init("edm", "a mapping", "targets that e-mail marketing reads"),
      .init("examples", "a list", "rows and what they give, for sluice test"),
    ])

  /// One item of `files`.
  package static let file = KeyTable(
    name: "an item of files",
    keys: [
      .init("match", "a text", required: true, "pattern of the file's name"),
      .init("mode", "full or delta", required: true, "whether an absent key is a removal"),
      .init("at", "a time of day", "when a drop speaks whose as_of names only a day"),
    ])

  /// `format`.
  package static let format = KeyTable(
    name: "format",
    keys: [
      .init("csv", "a mapping", "delimited text"),
      .init("fixed", "a mapping", "text in columns of fixed width"),
      .init("xml", "a mapping", "XML documents"),
    ])

  static let encoding = DefinitionKey("encoding", "a text", "character encoding of the drops")
  static let decimal = DefinitionKey("decimal", "'.' or ','", "decimal sign of numbers")
  static let thousands = DefinitionKey("thousands", "one character or none", "sign that groups thousands")

  /// `format: { xml: … }`.
  package static let xml = KeyTable(
    name: "xml",
    keys: [
      .init("record", "a path", required: true, "path of the element that is a record"),
      .init("namespaces", "a mapping", "prefixes used in paths and their namespace URIs"),
      encoding, decimal, thousands,
    ])

  /// One entry of `fields`.
  package static let field = KeyTable(
    name: "a field",
    keys: [
      .init("from", "a text", "column, XML path or file.CAPTURE that the value comes from"),
      .init("value", "an expression", "computes the value from other fields"),
      .init("type", "a type", "how the text is read"),
      .init("strip", "a text or a list of texts", "texts that are taken off in front of and behind the value"),
      .init("zeros", "strip or a number of digits", "what becomes of zeros in front of texts of digits"),
      .init("implied", "a whole number", "decimals of numbers that are written without a decimal sign"),
      .init("zoned", "true or false", "the last digit of numbers carries their sign"),
      .init("required", "true or false", "a record without a value is rejected"),
      .init("min", "a number", "least number"),
      .init("max", "a number", "greatest number"),
      .init("min_length", "a whole number", "least length in characters"),
      .init("max_length", "a whole number", "greatest length in characters"),
      .init("pattern", "a regular expression", "what the whole text has to match"),
      .init("default", "a text", "text taken where the cell is absent or empty"),
      .init("nulls", "a text or a list of texts", "texts that mean that the cell is empty"),
      .init("lookup", "a path", "table that translates the text"),
      .init("empty", "absent or clear", "what a present but empty cell means"),
      .init("sensitive", "true or false", "personal data: masked in messages, logs and the ledger"),
    ])

  /// `type` written as a mapping.
  package static let type = KeyTable(
    name: "type",
    keys: [
      .init("decimal", "a whole number", "number with so many decimals"),
      .init("boolean", "a mapping", "true or false"),
      .init("date", "a date pattern", "calendar day"),
      .init("datetime", "a date pattern", "day and time"),
      .init("enum", "a list", "one of some words"),
      .init("list", "a text", "several texts, split at a separator"),
    ])

  /// `type: { boolean: … }`.
  package static let booleanType = KeyTable(
    name: "boolean",
    keys: [
      .init("yes", "a text or a list", required: true, "words for true"),
      .init("no", "a text or a list", required: true, "words for false"),
    ])

  /// `duplicates` written as a mapping.
  package static let duplicates = KeyTable(
    name: "duplicates",
    keys: [.init("latest", "a field", required: true, "the row with the greatest value of the field counts")])

  /// `deletes`.
  package static let deletes = KeyTable(
    name: "deletes",
    keys: [
      .init("field", "a field", required: true, "the text that says what the row does"),
      .init("values", "a text or a list of texts", required: true, "its values that delete"),
    ])

  /// `guards`.
  package static let guards = KeyTable(
    name: "guards",
    keys: [
      .init("max_removed", "a share, a count or off", "keys that vanished, over the keys before"),
      .init("max_rejected", "a share, a count or off", "rejected rows, over the rows read"),
      .init("max_zeroed", "a share, a count, off or a mapping", "keys whose value went to zero or vanished"),
      .init("max_changed", "a share, a count or off", "keys that changed in a full, over the keys before"),
      .init("at_least", "a whole number", "shares apply from so many keys or rows on"),
      .init("min_rows", "a whole number", "fewest rows of a full"),
      .init("max_rows", "a whole number", "most rows of a full"),
      .init("max_new", "a share, a count or off", "keys that were not there, over the keys before"),
      .init("max_swing", "a mapping", "keys with a number that moved too far, over the keys before"),
      .init("shrink", "a share, a count or off", "keys missing from the median of the last seven fulls"),
      .init("by", "a field of the key", "removed, zeroed and changed keys are judged for each of its values as well"),
    ])

  /// `guards: { max_zeroed: … }`.
  package static let zeroed = KeyTable(
    name: "max_zeroed",
    keys: [
      .init("field", "a field", "the number that is watched"),
      .init("share", "a share, a count or off", "how many may go to zero"),
      .init("within", "a duration", "they are summed up over this time as well"),
    ])

  /// `guards: { max_swing: … }`.
  package static let swing = KeyTable(
    name: "max_swing",
    keys: [
      .init("field", "a field", required: true, "the number that is watched"),
      .init("by", "a share", required: true, "it moved too far when it moved by more than this of what it was"),
      .init("share", "a share, a count or off", required: true, "how many may"),
    ])

  /// `intake`.
  package static let intake = KeyTable(
    name: "intake",
    keys: [
      .init("quiet", "a duration", "how long size and time of a file must not change"),
      .init("incomplete_after", "a duration", "when an incomplete file is quarantined"),
      .init("marker", "a text", "name of the file that says that a drop is whole"),
      .init("marker_holds", "sha256, md5 or json", "what the marker says about the drop, which is checked"),
      .init("sequence", "continuous", "numbers in file names must have no gap"),
    ])

  private static let columns = DefinitionKey(
    "columns", "a mapping or a list of fields", "column names and the expressions that fill them")
  private static let constants = DefinitionKey("constants", "a mapping", "column names and literal texts")

  /// One entity of `commerce`.
  package static let commerce = KeyTable(
    name: "a commerce target",
    keys: [
      constants, columns,
      .init("additional_attributes", "a mapping", "attribute codes and expressions packed into one column"),
      .init("once", "a list", "columns sent only with a key's first publication"),
      .init("rows", "a list", "more rows of the same record, one for each store view"),
      .init("when", "a condition", "which records belong to the target"),
      .init("removed", "keep, zero, disable or delete", "what is written for a key that is gone"),
      .init("creates", "true or false", "false: another feed creates the keys, this one only updates"),
      .init("group_by", "a list of fields", "leading part of the key whose rows are written together"),
      .init("behaviour", "append or replace", "how Commerce imports the file"),
    ])

  /// One file of `bi` or `edm`.
  package static let event = KeyTable(
    name: "a bi or edm target",
    keys: [
      constants, columns,
      .init("when", "a condition", "when the event fires; for a whole file, which records belong to it"),
      .init("whole", "true or false", "the file is written whole at each publication that changes it"),
    ])

  /// One item of `rows`.
  package static let row = KeyTable(
    name: "an item of rows",
    keys: [
      .init("store_view_code", "a text", required: true, "store view of the row"),
      .init("when", "a condition", "when the row exists"),
      .init("columns", "a mapping or a list of fields", required: true, "column names and expressions"),
    ])

  /// One item of `examples`.
  package static let example = KeyTable(
    name: "an example",
    keys: [
      .init("row", "a mapping", required: true, "the source row: columns and texts"),
      .init("before", "a mapping", "the source row of the same key that was published before"),
      .init("gives", "a mapping", "targets and the row, or rows, that they get"),
      .init("rejects", "a rule", "the rule that the row breaks"),
    ])
}
