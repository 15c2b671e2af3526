import Tabular

/// Files that need more than their name tells.
enum TableProfiles {
  static let all: [String: TableProfile] = [gzip, csv, encodings, systems].reduce(into: [:]) { all, some in
    all.merge(some) { first, _ in first }
  }

  private static func prefixed(_ prefix: String, _ profiles: [String: TableProfile]) -> [String: TableProfile] {
    Dictionary(uniqueKeysWithValues: profiles.map { (prefix + $0.key, $0.value) })
  }

  private static func refused(_ codes: String...) -> TableProfile { TableProfile(outcome: .refused(codes)) }

  private static let gzip = prefixed(
    "hostile/gzip/",
    [
      "bad_crc.csv.gz": refused("gzip-corrupt"), "bad_deflate.csv.gz": refused("gzip-corrupt"),
      "bad_isize.csv.gz": refused("gzip-corrupt"), "bad_magic.csv.gz": refused("bad-byte"),
      "bad_method.csv.gz": refused("gzip-corrupt"), "bomb_single_field.csv.gz": refused("row-too-long", "gzip-bomb"),
      "bomb_rows.csv.gz": refused("gzip-bomb"), "double_gzip.csv.gz": refused("bad-byte", "gzip-corrupt"),
      "duckdb_concat.gz": TableProfile(outcome: .any), "empty_file.csv.gz": refused("empty-file"),
      "empty_payload.csv.gz": refused("empty-file"), "reserved_flag.csv.gz": refused("gzip-corrupt"),
      "trailing_garbage.csv.gz": refused("gzip-corrupt"), "truncated_body.csv.gz": refused("gzip-truncated"),
      "truncated_header.csv.gz": refused("gzip-truncated"), "truncated_trailer.csv.gz": refused("gzip-truncated"),
      "zeros_64MiB.gz": refused("row-too-long", "gzip-bomb", "bad-byte"), "zip_not_gzip.csv.gz": refused("bad-byte"),
      "zip_slip.zip": TableProfile(outcome: .open("zip")), "zip_two_entries.zip": TableProfile(outcome: .open("zip")),
      "zlib_not_gzip.csv.gz": refused("bad-byte"),
    ])

  private static let csv = prefixed(
    "hostile/csv/",
    [
      "agate/test_no_header.csv": TableProfile(hasHeader: false), "agate/test_cr.csv": TableProfile(outcome: .rows(3)),
      "csv-spectrum/empty.csv": TableProfile(outcome: .reference("empty.json")),
      // The phone number in the JSON file is another one.
      "csv-spectrum/location_coordinates.csv": TableProfile(outcome: .rows(1)),
      // Its line ends inside quotes are LF, not CR LF as in the JSON file.
      "csv-spectrum/newlines_crlf.csv": TableProfile(outcome: .rows(3)),
      "csv-spectrum/utf8.csv": TableProfile(outcome: .reference("utf8.json")),
      "csvlint/cr-line-endings.csv": TableProfile(outcome: .rows(nil)),
      "csvlint/invalid_many_rows.csv": TableProfile(outcome: .badRows),
      "csvkit/bad_skip_lines.csv": TableProfile(outcome: .badRows),
      "csvkit/dummy.csv.bz2": refused("bad-byte"),
      "csvkit/realdata__census_2010__README.txt": TableProfile(outcome: .badRows),
      "csvkit/realdata__census_2010__ilgeo2010_excerpt.csv": TableProfile(outcome: .rows(1000)),
      "csvkit/test_empty_columns.csv": TableProfile(outcome: .defects(["3: short"])),
      "csvkit/test_empty_columns_long_row.csv": TableProfile(outcome: .defects(["2: long"])),
      "csvkit/test_extra_header.csv": TableProfile(outcome: .defects(["2: short"])),
      "csvkit/test_header_newline.csv": refused("csv-misplaced-quote"),
      "csvkit/test_latin1.csv": TableProfile(encoding: "latin1"),
      "csvkit/test_skip_lines.csv": TableProfile(skippedLines: 3), "csvkit/testfixed": fixed(testfixed),
      "csvkit/testfixed_skip_lines": fixed(testfixed, skippedLines: 3),
      "frictionless/blank-rows.csv": TableProfile(), "frictionless/compression__implicit-gz.csv": TableProfile(),
      "frictionless/compression__implicit-zip.csv": open("zip"),
      "frictionless/defective-rows.csv": TableProfile(outcome: .badRows),
      "frictionless/doublequote.csv": TableProfile(),
      "frictionless/duplicate-headers.csv": refused("header-duplicate"),
      "frictionless/encoding-issue-274.csv": TableProfile(),
      "frictionless/issue-1009-comma.csv": TableProfile(), "frictionless/issue-1066-largecellsize.csv": TableProfile(),
      "frictionless/issue-277.csv": TableProfile(), "frictionless/issue-493.csv": TableProfile(),
      "frictionless/matrix-with-comment.csv": TableProfile(outcome: .rows(4)) { $0.comment = [0x23] },
      "frictionless/schema-errors.csv": TableProfile(outcome: .badRows),
      "frictionless/structure-errors.csv": TableProfile(outcome: .badRows),
      "frictionless/table-delimiter.csv": TableProfile(), "frictionless/table-reverse.csv": TableProfile(),
      "frictionless/wide.csv": TableProfile(),
      "frictionless/without-headers-extra.csv": TableProfile(outcome: .badRows),
      "misc/csvdiff_base-small.csv": TableProfile(hasHeader: false),
      "misc/csvdiff_delta-small.csv": TableProfile(hasHeader: false),
      "misc/miller_bom-dquote-header.csv": TableProfile(), "misc/miller_gz-example.csv.gz": TableProfile(),
      "misc/miller_ragged.csv": TableProfile(outcome: .badRows),
      "misc/qsv_boston311-100-with-nonascii.csv": TableProfile(),
      "misc/rust-csv_smallpop-colon.csv": TableProfile(delimiter: ":"),
      "misc/rust-csv_uspop-latin1.csv": TableProfile(encoding: "windows-1252"),
      "papaparse/verylong-sample.csv": TableProfile(outcome: .badRows),
    ]
  ).merging(handmade) { first, _ in first }

  private static let handmade = prefixed(
    "hostile/csv/handmade/",
    [
      // Its second row ends inside an open quote: an escaped one closes nothing.
      "backslash_escape.csv": TableProfile(outcome: .refused(["csv-unclosed-quote"])) { $0.escape = 0x5C },
      "blank_lines_and_ws.csv": TableProfile(outcome: .rows(3)),
      "comment_lines.csv": TableProfile(outcome: .rows(1)) { $0.comment = [0x23] },
      "control_chars.csv": TableProfile(outcome: .rows(2)),
      "cr_only.csv": TableProfile(outcome: .rows(2)),
      "delimiter_in_decimal.csv": TableProfile(outcome: .badRows, delimiter: ","),
      "duplicate_header.csv": refused("header-duplicate"), "empty_header_cell.csv": TableProfile(),
      "empty_vs_null.csv": TableProfile(), "excel_damage.csv": TableProfile(),
      "excel_sep_line.csv": TableProfile(outcome: .rows(1), delimiter: ";", skippedLines: 1),
      "footer_total.csv": TableProfile(outcome: .rows(2)) { $0.footer = ["Total"] },
      "formula_injection.csv": TableProfile(),
      "header_bom_quoted.csv": TableProfile(), "header_nbsp.csv": TableProfile(),
      "header_repeated_inside.csv": TableProfile(), "html_entities.csv": TableProfile(delimiter: ","),
      "huge_field.csv": TableProfile(outcome: .any), "leading_zeros_and_long.csv": TableProfile(),
      "literal_backslash_n.csv": TableProfile(), "magento_separators.csv": TableProfile(),
      "many_columns.csv": TableProfile(outcome: .rows(1)), "many_empty_lines.csv": TableProfile(outcome: .rows(1)),
      "mixed_eol.csv": TableProfile(outcome: .rows(3)) { $0.lineEnd = .any },
      "multichar_delim.csv": TableProfile(outcome: .rows(1)) { $0.separator = Array("||".utf8) },
      "mysql_nulls.csv": TableProfile(outcome: .rows(2)), "no_header_data_only.csv": TableProfile(hasHeader: false),
      "nul_bytes.csv": TableProfile(outcome: .any), "only_delimiters.csv": TableProfile(outcome: .any),
      "page_breaks.csv": TableProfile(outcome: .rows(3)),
      "preamble.csv": TableProfile(outcome: .rows(1), skippedLines: 3),
      "quadratic_quotes.csv": TableProfile(outcome: .rows(50)), "quote_after_text.csv": TableProfile(outcome: .badRows),
      "ragged.csv": TableProfile(outcome: .defects(["3: short", "4: long"])), "rows_of_quotes.csv": TableProfile(),
      "rtl_zwj_nfd.csv": TableProfile(), "single_column.csv": TableProfile(outcome: .rows(2)),
      "sku_too_long.csv": TableProfile(), "sku_whitespace_case.csv": TableProfile(),
      "tab_with_spaces.tsv": TableProfile(),
      "unterminated_quote_early.csv": refused("csv-unclosed-quote"),
      "unterminated_quote_last.csv": refused("csv-unclosed-quote"), "wrong_delimiter.csv": TableProfile(delimiter: ";"),
    ])

  private static let encodings = prefixed(
    "hostile/encoding/",
    [
      "bom_twice_and_inside.csv": TableProfile(), "double_encoded_mojibake.csv": TableProfile(),
      "mixed_utf8_then_cp1252.csv": TableProfile(outcome: .badRows),
      "utf16_odd_length.csv": TableProfile(outcome: .refused(["bad-byte"]), encoding: "utf-16le"),
      "utf8_overlong_nul_surrogate.csv": TableProfile(outcome: .badRows),
      "table_cp1141-ebcdic-nel.csv": TableProfile(
        // The name says German EBCDIC; the bytes are those of code page 1140.
        outcome: .reference("table_cp1141-ebcdic-nel.expected.json"), encoding: "cp1140", delimiter: ";"),
      // Python's decoder knows the eight-byte syllables of KS X 1001, the C library does not.
      "cjk/euc_kr.txt": open("syllables of eight bytes"), "cjk/hz.txt": open("HZ, which the C library does not know"),
    ])

  private static let systems: [String: TableProfile] = [
    "bi/cdnow_sample.txt": fixed([(0, 6), (7, 4), (12, 8), (20, 3), (24, 7)]),
    "crm/dim_reseller.csv": TableProfile(hasHeader: false),
    "crm/dynamics/Active Accounts 15.3.2025 06-30-00.csv": TableProfile(outcome: .rows(12)),
    "crm/prospective_buyer_pipe.csv": TableProfile(hasHeader: false), "crm/vcard/contacts.vcf": open("vCard"),
    "erp/adventureworks/Store.csv": TableProfile(outcome: .rows(nil), quote: nil, hasHeader: false) {
      $0.separator = Array("+|".utf8)
      $0.lineEnd = .text(Array("&|\n".utf8))
    },
    "erp/as400/CPYTOIMPF_items.csv": TableProfile(outcome: .badRows, encoding: "windows-1252", hasHeader: false),
    "erp/as400/F4101_EBCDIC_CP273_fixed90.bin": open("packed numbers"),
    "erp/as400/ITEMS_dos_eof.csv": TableProfile(outcome: .rows(6), encoding: "cp850"),
    "erp/datanorm/DATANORM.001": datanorm(24, "A", "B"), "erp/datanorm/DATPREIS.001": datanorm(8, "P"),
    "erp/idoc/synthetic/MATMAS_flat_port.txt": open("records of several lines"),
    "erp/nav/ITEMS.TXT": TableProfile(outcome: .rows(24), encoding: "cp850", delimiter: ";", hasHeader: false),
    "erp/netsuite/ItemSearchResults123.csv": TableProfile(outcome: .rows(24)) { $0.footer = ["Overall Total"] },
    "erp/proalpha/Artikel_20250315.csv": TableProfile(
      outcome: .rows(24), encoding: "windows-1252", delimiter: ";"
    ) {
      $0.footer = ["Summe"]
    },
    // Quotes inside cells are not doubled: such rows are rejected, not guessed at.
    "erp/sage/ARTIKEL.CSV": TableProfile(outcome: .badRows, encoding: "windows-1252"),
    "erp/sapb1/OITM.txt": TableProfile(encoding: "utf-16le", delimiter: "\t", skippedLines: 1),
    "filedrop/empty.csv": refused("empty-file"), "filedrop/header_only_full.csv": TableProfile(outcome: .rows(0)),
    "filedrop/html_error_page.csv": refused("not-tabular"),
    "filedrop/stock_D.csv": TableProfile(outcome: .open("checksums beside the file")),
    "filedrop/stock_H.csv": TableProfile(outcome: .open("control files beside the file")),
    "filedrop/stock_M.csv": TableProfile(outcome: .rows(8)), "filedrop/stock_N.csv.gz": TableProfile(outcome: .rows(8)),
    "hostile/strings/blns_products.csv": TableProfile(),
    "large/frictionless_issue-1066.csv": TableProfile(outcome: .badRows),
    "oms/order_status_delta_000017.csv": TableProfile(outcome: .rows(40)) { $0.trailer = CSVTrailer(starts: "T") },
    // That the trailer counts 40 rows is compared when a drop is processed.
    "oms/order_status_delta_000018_bad_trailer.csv": TableProfile(outcome: .rows(25)) {
      $0.trailer = CSVTrailer(starts: "T")
    },
    "orders/cxml/catalog.cif": TableProfile(
      outcome: .rows(24), encoding: "iso-8859-1", delimiter: ",", hasHeader: false
    ) {
      $0.skippedTo = Array("DATA".utf8)
      $0.footer = ["ENDOFDATA"]
    },
    "pim/akeneo/reference/colors.csv": TableProfile(hasHeader: false),
    "pim/akeneo/technical/categories.csv": TableProfile(outcome: .badRows),
    "pim/akeneo/technical/product_models.csv": refused("empty-file"),
    "pim/akeneo/technical/products.csv": refused("empty-file"),
    "pim/bmecat/BMEcatUnitMapping.csv": TableProfile(outcome: .any, delimiter: ";", quote: nil),
  ]

  private static func open(_ why: String) -> TableProfile { TableProfile(outcome: .open(why)) }

  /// Price lists of the trades: records by their first letter, behind one of fixed width.
  private static func datanorm(_ rows: Int, _ data: String, _ skipped: String...) -> TableProfile {
    TableProfile(outcome: .rows(rows), encoding: "cp850", delimiter: ";", quote: nil, hasHeader: false) {
      $0.comment = Array("V ".utf8)
      $0.records = RecordTypes(data: [data], skipped: skipped)
    }
  }

  /// The columns of csvkit's schema for these files.
  private static let testfixed = [(0, 18), (18, 10), (29, 4), (33, 5), (38, 11), (50, 8), (58, 19)]

  /// Lines in columns that begin behind so many characters and have so many.
  private static func fixed(_ columns: [(Int, Int)], skippedLines: Int = 0) -> TableProfile {
    let columns = columns.map { FixedColumn(name: "from \($0.0)", start: $0.0, count: $0.1) }
    return TableProfile(outcome: .rows(nil), skippedLines: skippedLines) {
      $0.quote = nil
      $0.hasHeader = false
      $0.isPadded = true
      $0.fixed = columns
    }
  }
}
