import Records
import Streams

/// The Frictionless descriptor of the BI files of one publication: each file with its hash, each column with its type.
public enum DataPackage {
  /// One file.
  public struct Resource {
    /// Final file name, beside which the descriptor stands.
    public var path: String
    /// Size in bytes.
    public var bytes: Int
    /// SHA-256 of the bytes, hex.
    public var sha256: String
    /// Columns with their Frictionless type, and its format where that is not the type's default.
    public var fields: [(name: String, type: String, format: String?)]

    /// A resource.
    public init(path: String, bytes: Int, sha256: String, fields: [(name: String, type: String, format: String?)]) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
      self.fields = fields
    }
  }

  /// The descriptor as JSON, keys in a fixed order, ending in a line feed.
  public static func json(name: String, created: String, resources: [Resource]) -> String {
    var text = "{\n  \"profile\": \"tabular-data-package\",\n  \"name\": \(quoted(name)),\n"
    text += "  \"created\": \(quoted(created)),\n  \"resources\": [\n"
    text += resources.map(describe).joined(separator: ",\n")
    return text + "\n  ]\n}\n"
  }

  private static func describe(_ resource: Resource) -> String {
    let fields = resource.fields.map { field in
      let format = field.format.map { ", \"format\": \(quoted($0))" } ?? ""
      return "          { \"name\": \(quoted(field.name)), \"type\": \(quoted(field.type))\(format) }"
    }
    let name = resource.path.lowercased().map { $0.isLetter || $0.isNumber || "-._".contains($0) ? $0 : "-" }
    return """
          {
            "name": \(quoted(String(name))),
            "path": \(quoted(resource.path)),
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": \(resource.bytes),
            "hash": \(quoted("sha256:" + resource.sha256)),
            "dialect": { "delimiter": ",", "quoteChar": "\\"", "doubleQuote": true, "lineTerminator": "\\n" },
            "schema": {
              "fields": [
      \(fields.joined(separator: ",\n"))
              ],
              "missingValues": [""]
            }
          }
      """
  }

  /// How values of type `datetime` are written: the default of Table Schema has a T and a zone.
  public static let datetimeFormat = "%Y-%m-%d %H:%M:%S"

  /// The Frictionless type of a column.
  public static func type(_ type: ValueType) -> String {
    switch type {
    case .text, .list: "string"
    case .number(let scale): scale == 0 ? "integer" : "number"
    case .boolean: "boolean"
    case .date: "date"
    case .datetime: "datetime"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..."\u{1F}": quoted += "\\u" + String(scalar.value, radix: 16).leftPadded(to: 4)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
