/// Names under which drops are stored in archive and quarantine, made from names that came from outside.
package enum SafeName {
  /// Most bytes that are kept of a name.
  package static let limit = 120

  /// `name` with everything but ASCII letters, digits, `.`, `-` and `_` replaced by `_`, and its middle cut out
  /// when it is longer than 120 bytes. Never empty, never `.` or `..`.
  package static func component(_ name: String) -> String {
    let safe = String(
      name.unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": Character(scalar)
        default: "_"
        }
      })
    if safe.isEmpty || safe == "." || safe == ".." { return "_" }
    guard safe.utf8.count > limit else { return safe }
    // The end holds the suffix that tells people what the file is.
    return safe.prefix(limit - 21) + "_" + safe.suffix(20)
  }

  /// `FEED/00000042-NAME`: where a drop is stored below `archive/` or `quarantine/`.
  package static func storedPath(drop: Int, feed: String, name: String) -> String {
    "\(component(feed))/\(number(drop))-\(component(name))"
  }

  /// A drop's number in eight digits, the name of its directory below `work/`.
  package static func number(_ drop: Int) -> String {
    let digits = String(drop)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}
