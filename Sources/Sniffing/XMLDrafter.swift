import Intake
import Streams
import Tabular

/// Makes the draft of a feed from samples that are XML documents.
enum XMLDrafter {
  private static let mostAttempts = 6

  /// The draft. Throws what is wrong with a sample, and `no-record` (damaged) when it has nothing that a record could
  /// be.
  static func draft(
    _ group: SampleGroup, root: String, encoding: EncodingSniffer.Found?, _ batch: RowBatch
  ) throws(SluiceError) -> FeedDraft {
    let path = group.sketches[0].path
    let outline = try XMLOutlineReader.read(SampleFile.content(of: path), encoding: encoding?.encoding)
    if outline.isBroken { throw reason(path, root: root, encoding: encoding?.encoding, batch) }
    let finder = RecordFinder(outline)
    var skipped: Set<Int> = []
    for _ in 0..<mostAttempts {
      guard let (record, guess) = finder.record(skipping: skipped) else { break }
      let paths = Array(finder.values(record).prefix(RecordFinder.mostFields))
      if let draft = try draft(group, finder, record, guess, paths, encoding, batch) { return draft }
      skipped.insert(record)
    }
    throw SluiceError(
      .damaged, "no-record", file: DisplayName.escape(path),
      cause: "no element of the document has values of its own that a key could be made of",
      remedy: "take a sample with some records, or write the definition by hand")
  }

  /// What the reader says about a document that is not right.
  private static func reason(
    _ path: String, root: String, encoding: TextEncoding?, _ batch: RowBatch
  ) -> SluiceError {
    let layout = XMLLayout(record: "/" + (root.isEmpty ? "root" : root))
    do throws(SluiceError) {
      let reader = try DropReader(path: path, format: .xml(layout), encoding: encoding, hashing: false)
      repeat { try reader.fill(batch) } while !batch.isLast
    } catch {
      return error
    }
    return SluiceError(
      .damaged, "xml-not-well-formed", file: DisplayName.escape(path), cause: "the document is not well-formed",
      remedy: "have the file written by an XML library, and check that nothing cuts or converts it on the way")
  }

  /// The draft with this record; nil when its fields give no key.
  private static func draft(
    _ group: SampleGroup, _ finder: RecordFinder, _ record: Int, _ guess: Guess, _ paths: [RecordFinder.Path],
    _ encoding: EncodingSniffer.Found?, _ batch: RowBatch
  ) throws(SluiceError) -> FeedDraft? {
    guard !paths.isEmpty else { return nil }
    let layout = XMLLayout(record: finder.path(record), namespaces: finder.namespaces)
    let scan = try SampleScan(
      paths: group.sketches.map(\.path), format: .xml(layout), encoding: encoding?.encoding,
      xmlPaths: paths.map(\.text), batch: batch)
    let labels = RecordFinder.labels(paths)
    let types = TypeSniffer(scan.profiles, labels: labels, delimiter: nil)
    let names = FieldNames.names(for: labels)
    var fields: [FeedDraft.Field] = []
    for (column, name) in names.enumerated() {
      var field = FeedDraft.Field(name: name, from: paths[column].text)
      (field.type, field.nulls, field.guess) = types.type(of: column)
      if field.type == .list {
        field.guess = Guess("type", "list", .certain, "some records have several of it")
      } else if paths[column].isRepeated {
        field.guess = Guess("type", field.type.text, .unsure, "no record has several of it here", others: ["list"])
      }
      field.isSensitive = types.isPersonal(column)
      fields.append(field)
    }
    var draft = FeedDraft(
      name: group.feedName, samples: group.sketches.map(\.path), sampleNames: group.sketches.map(\.name),
      files: group.files, format: .xml(layout), encoding: encoding?.encoding, numbers: types.numbers,
      formatGuesses: [guess] + (encoding.map { [$0.guess] } ?? []) + types.numberGuesses, fields: fields,
      keyGuess: Guess("key", "", .unsure, ""), known: KnownFormats.name(of: finder.outline), rows: scan.rows)
    remark(on: &draft, finder, record, paths.count)
    FieldDrafter.setKey(of: &draft, scan, used: Array(names.indices), types: types)
    return draft.key.isEmpty ? nil : draft
  }

  private static func remark(on draft: inout FeedDraft, _ finder: RecordFinder, _ record: Int, _ count: Int) {
    let uris = finder.outline.nodes.compactMap(\.name.uri).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    if !uris.isEmpty, finder.namespaces.isEmpty {
      draft.remarks.append(
        "Namespaces are passed over, names are compared without their prefix: \(uris.prefix(5).joined(separator: " "))")
    }
    let headers = finder.headers(record)
    if !headers.isEmpty {
      draft.remarks.append(
        "Values before the records, which a field may read as well (from: \(headers[0])): "
          + headers.joined(separator: " "))
    }
    if count == RecordFinder.mostFields || finder.outline.isCut {
      draft.remarks.append("The document has more paths than are listed here.")
    }
  }
}

/// Opens samples.
enum SampleFile {
  /// The bytes of a file, inflated.
  static func content(of path: String) throws(SluiceError) -> any ByteSource {
    let raw = try PrefixedSource(InputFile(path: path), peeking: 4)
    return GzipInflater.recognises(raw.peeked) ? try GzipInflater(raw) : raw
  }
}
