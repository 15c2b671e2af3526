import Streams

/// A path to an element's text or an attribute, as feed definitions write it (a small part of XPath 1.0).
///
/// `a/b`, `a/@id`, `.`, `a[@type="x"]/b`, `a[name="x"]/value`, and `/root/head/b` from the root. A prefixed name
/// `p:name` is compared by the URI that the layout gives `p`; when the layout names no URIs, prefixes are passed over.
public struct XMLPath: Equatable, Sendable {
  /// The name of an element or an attribute.
  public struct Name: Equatable, Sendable {
    /// The part after the prefix.
    public var local: String
    /// The namespace; nil: any.
    public var uri: String?
  }

  /// A condition on an element.
  public struct Predicate: Equatable, Sendable {
    /// Attribute or child element.
    public var name: Name
    /// True for `[@name="…"]`, false for `[name="…"]`.
    public var isAttribute: Bool
    /// What its value must be.
    public var value: String
  }

  /// One element down.
  public struct Step: Equatable, Sendable {
    /// The element.
    public var name: Name
    /// All of them must hold.
    public var predicates: [Predicate] = []
  }

  /// True when the path starts at the root of the document, false when at the record.
  public var isAbsolute: Bool
  /// Elements from there on; none for `.` and for the record's own attributes.
  public var steps: [Step]
  /// The attribute wanted; nil: the text.
  public var attribute: Name?

  /// Reads a path. Throws `xml-path` (definition) with what is wrong with it.
  public static func parse(_ text: String, namespaces: [String: String] = [:]) throws(SluiceError) -> XMLPath {
    var parser = XMLPathParser(text, namespaces: namespaces)
    return try parser.path()
  }

  /// The error for a path that can not be used.
  static func wrong(_ text: String, _ cause: String) -> SluiceError {
    SluiceError(
      .definition, "xml-path", value: text, cause: cause,
      remedy: "write steps like a/b, a[@type=\"x\"]/b, a/@id or /root/a; nothing else of XPath is known")
  }
}

/// Reads one path.
private struct XMLPathParser {
  private let text: String
  private let characters: [Character]
  private let namespaces: [String: String]
  private var index = 0

  init(_ text: String, namespaces: [String: String]) {
    self.text = text
    self.namespaces = namespaces
    characters = Array(text)
  }

  mutating func path() throws(SluiceError) -> XMLPath {
    if text == "." { return XMLPath(isAbsolute: false, steps: []) }
    var path = XMLPath(isAbsolute: take("/"), steps: [])
    repeat {
      if take("@") {
        path.attribute = try name()
        break
      }
      var step = XMLPath.Step(name: try name())
      while take("[") { step.predicates.append(try predicate()) }
      path.steps.append(step)
    } while take("/")
    if index < characters.count { throw wrong("\"\(characters[index])\" is not expected at character \(index + 1)") }
    if path.isAbsolute, path.steps.isEmpty { throw wrong("the root itself has no attributes") }
    return path
  }

  private mutating func take(_ character: Character) -> Bool {
    guard index < characters.count, characters[index] == character else { return false }
    index += 1
    return true
  }

  private mutating func predicate() throws(SluiceError) -> XMLPath.Predicate {
    let isAttribute = take("@")
    let name = try name()
    guard take("="), index < characters.count, characters[index] == "\"" || characters[index] == "'" else {
      throw wrong("a condition is written [@name=\"value\"]")
    }
    let quote = characters[index]
    index += 1
    let start = index
    while index < characters.count, characters[index] != quote { index += 1 }
    let value = String(characters[start..<index])
    guard take(quote), take("]") else { throw wrong("the condition is not closed") }
    return XMLPath.Predicate(name: name, isAttribute: isAttribute, value: value)
  }

  private mutating func name() throws(SluiceError) -> XMLPath.Name {
    let start = index
    while index < characters.count, !"/[]=@'\"() *|<>&,".contains(characters[index]) { index += 1 }
    let parts = characters[start..<index].split(separator: ":", omittingEmptySubsequences: false)
    guard let local = parts.last, !local.isEmpty, parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw wrong("a name is missing at character \(start + 1)")
    }
    if local == [".", "."] || local == ["."] { throw wrong("\"\(String(local))\" can not be a step") }
    guard parts.count == 2, !namespaces.isEmpty else { return XMLPath.Name(local: String(local), uri: nil) }
    let prefix = String(parts[0])
    guard let uri = namespaces[prefix] else { throw wrong("the prefix \"\(prefix)\" is not in namespaces") }
    return XMLPath.Name(local: String(local), uri: uri)
  }

  private func wrong(_ cause: String) -> SluiceError { XMLPath.wrong(text, cause) }
}
