/// File names as people see them. A name comes from outside: it may hold line breaks that forge log lines, escape
/// sequences that drive terminals, or marks that turn the reading direction round.
package enum DisplayName {
  /// `name` with everything that does not show escaped: `\n`, `\t`, `\\`, else `\u{1B}`.
  package static func escape(_ name: String) -> String {
    var shown = ""
    for scalar in name.unicodeScalars { append(scalar, to: &shown) }
    return shown
  }

  /// Bytes of a name: as `escape(_:)` where they are UTF-8, and `\xE4` where they are not.
  package static func escape(bytes: [UInt8]) -> String {
    var shown = ""
    var decoder = UTF8()
    var rest = bytes[...]
    while !rest.isEmpty {
      var ahead = rest.makeIterator()
      switch decoder.decode(&ahead) {
      case .scalarValue(let scalar):
        append(scalar, to: &shown)
        rest = rest.dropFirst(UTF8.width(scalar))
      case .error, .emptyInput:
        if let byte = rest.popFirst() { shown += "\\x" + hexadecimal(UInt32(byte)) }
      }
      decoder = UTF8()
    }
    return shown
  }

  private static func append(_ scalar: Unicode.Scalar, to shown: inout String) {
    switch scalar {
    case "\n": shown += "\\n"
    case "\r": shown += "\\r"
    case "\t": shown += "\\t"
    case "\\": shown += "\\\\"
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        shown += "\\u{" + hexadecimal(scalar.value) + "}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return digits.count < 2 ? "0" + digits : digits
  }
}

extension UTF8 {
  /// Bytes that `scalar` takes in UTF-8 (RFC 3629).
  fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x80: 1
    case ..<0x800: 2
    case ..<0x10000: 3
    default: 4
    }
  }
}
