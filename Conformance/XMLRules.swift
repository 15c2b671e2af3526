/// Which XML documents must be read, and which refused.
enum XMLRules {
  /// Our rule for documents that the manifest leaves to a rule, with the reason why.
  private static let own: [String: (accepts: Bool, why: String)] = [
    "hostile/gzip/bomb_nested.xml.gz": (false, "elements are nested at most 256 deep"),
    "hostile/encoding/xml_ebcdic.xml": (false, "libxml2 does not read EBCDIC"),
    "hostile/encoding/xml_decl_says_utf16_is_utf8.xml": (false, "the declaration contradicts the bytes"),
    "hostile/xml/libxml2/errors/doctype1.xml": (true, "libxml2 2.9 takes [] behind a document type for its subset"),
    "hostile/xml/libxml2/errors/doctype2.xml": (true, "libxml2 2.9 takes <!DOCTYPEdoc> for a document type"),
    "hostile/xml/xmlconf/oasis/p05pass1.xml": (false, "a colon stands for a namespace prefix, which is not empty"),
    "hostile/xml/libxml2/errors/truncated-utf16.xml": (true, "libxml2 2.9 drops half a character behind the root"),
  ]

  /// Documents that may be read or refused, as long as that is quick, with the reason why.
  static let either: [String: String] = [
    "hostile/xml/libxml2/recurse/lol_ep.xml": "external parameter entities, never fetched",
    "hostile/xml/libxml2/recurse/lol_ip_content.xml": "parameter entities in declarations that nothing uses",
    "hostile/xml/libxml2/recurse/lol_ip_value.xml": "parameter entities in declarations that nothing uses",
    "hostile/xml/xmlconf/japanese/pr-xml-iso-2022-jp.xml": "an error is optional",
    "hostile/xml/xmlconf/japanese/weekly-iso-2022-jp.xml": "an error is optional",
    "hostile/xml/xmlconf/japanese/weekly-shift_jis.xml": "an error is optional",
  ]

  /// Whether a document must be read; nil when neither the manifest nor a rule says so.
  static func accepts(_ entry: ManifestEntry) -> Bool? {
    if let rule = own[entry.path] { return rule.accepts }
    let words = entry.expected
    if entry.firm == true {
      if words.hasPrefix("accept") || words.hasPrefix("well-formed") { return true }
      return false
    }
    if words.hasPrefix("well-formed") { return true }
    if words.hasPrefix("entity-expansion bomb") { return false }
    // What another reader of the same rules (fifth edition, nothing fetched) makes of it.
    return entry.observed?.libxml2.map { $0 == "ok" }
  }
}
