import Foundation
import Tabular

/// Checks of XML documents: read, or refused.
///
/// Where the manifest is firm, that is what must happen, with one rule of our own: a document that uses an entity which
/// it declares itself is refused as `xml-entity`, however right it is. Where it is not firm, the rules are those of
/// docs/feeds.md: XML 1.0 in its fifth edition with namespaces, nothing outside the file is read, a document type is
/// passed over but for its form.
enum XMLChecks {
  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    let path = "\(folder)/\(entry.path)"
    let reading = Reading(path, .xml(XMLLayout(record: "/" + root(of: path))))
    if XMLRules.either[entry.path] != nil { return .passed }
    guard let accepts = XMLRules.accepts(entry) else { return .open("no rule for: \(entry.expected)") }
    switch (reading.error, accepts) {
    case (nil, true), (.some, false), ("xml-entity", true): return .passed
    case (nil, false): return .failed("expected: \(entry.expected.prefix(60)); was read")
    case (.some(let code), true):
      return .failed("expected: \(entry.expected.prefix(60)); \(code), \(reading.detail)")
    }
  }

  /// Name of the root element as it is written; a guess that serves for whatever can be read at all.
  private static func root(of path: String) -> String {
    guard let data = FileManager.default.contents(atPath: path) else { return "root" }
    var text = decode(data)[...]
    while let start = text.firstIndex(of: "<") {
      text = text[start...].dropFirst()
      if text.hasPrefix("?") {
        text = rest(of: text, after: "?>")
      } else if text.hasPrefix("!--") {
        text = rest(of: text, after: "-->")
      } else if text.hasPrefix("!DOCTYPE") {
        text = afterDocumentType(text)
      } else {
        let name = text.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" }
        return String(name.split(separator: ":").last ?? "root")
      }
    }
    return "root"
  }

  private static func decode(_ data: Data) -> String {
    let marks: [([UInt8], String.Encoding)] = [
      ([0xFE, 0xFF], .utf16), ([0xFF, 0xFE], .utf16), ([0, 0x3C], .utf16BigEndian), ([0x3C, 0], .utf16LittleEndian),
    ]
    for (mark, encoding) in marks where data.starts(with: mark) {
      return String(data: data, encoding: encoding) ?? ""
    }
    return String(data: data, encoding: .utf8) ?? String(data: data, encoding: .isoLatin1) ?? ""
  }

  private static func rest(of text: Substring, after mark: String) -> Substring {
    text.firstRange(of: mark).map { text[$0.upperBound...] } ?? ""
  }

  /// What follows a document type declaration, whose internal subset may hold markup, quoted texts and comments.
  private static func afterDocumentType(_ text: Substring) -> Substring {
    var quote: Character?
    var depth = 0
    var rest = text
    while let sign = rest.first {
      if quote == nil, rest.hasPrefix("<!--") {
        rest = XMLChecks.rest(of: rest, after: "-->")
        continue
      }
      rest = rest.dropFirst()
      if let open = quote {
        if sign == open { quote = nil }
      } else if sign == "\"" || sign == "'" {
        quote = sign
      } else if sign == "[" || sign == "<" {
        depth += 1
      } else if sign == "]" || sign == ">" {
        if depth == 0 { return rest }
        depth -= 1
      }
    }
    return ""
  }
}
