import Glibc

/// What a failure means for the drop that it happened to (`semantics.md`, "What becomes of a drop").
package enum FailureKind: String, Sendable, Codable {
  /// The drop's bytes are not all there yet: it waits in the inbox.
  case incomplete
  /// The drop is damaged or hostile: it goes to the quarantine.
  case damaged
  /// The definition or the command line is wrong: nothing is touched, exit status 2.
  case definition
  /// Disk, permission, lock, damaged ledger or snapshot: nothing half-done is left, exit status 3.
  case environment
}

/// Where something stands in a file.
package struct Position: Equatable, Sendable, Codable {
  /// Line, from 1 on, in physical lines of the (decompressed) file.
  package var line: Int
  /// Column, from 1 on: the ordinal of the field in tables, the character in definitions; nil when unknown.
  package var column: Int?

  /// A position.
  package init(line: Int, column: Int? = nil) {
    self.line = line
    self.column = column
  }
}

/// The one error type that crosses layers: what happened, where, why, and what to do about it.
@usableFromInline
package struct SluiceError: Error, Equatable, Sendable {
  /// What the failure means for the drop or the command.
  package var kind: FailureKind
  /// Stable kebab-case reason code, listed in `docs/errors.md`.
  package var code: String
  /// Path or name of the file concerned.
  package var file: String?
  /// Where in the file.
  package var position: Position?
  /// Column name, field name or key concerned.
  package var field: String?
  /// The offending value, already masked when it is sensitive.
  package var value: String?
  /// What went wrong, one sentence without a full stop.
  package var cause: String
  /// What a person can do about it, one sentence without a full stop.
  package var remedy: String

  /// An error; `file` and `position` may be added by the layers that know them.
  package init(
    _ kind: FailureKind, _ code: String, file: String? = nil, position: Position? = nil, field: String? = nil,
    value: String? = nil, cause: String, remedy: String
  ) {
    self.kind = kind
    self.code = code
    self.file = file
    self.position = position
    self.field = field
    self.value = value
    self.cause = cause
    self.remedy = remedy
  }

  /// A failed system call on `path`, with the errno that it left.
  package static func system(_ call: String, path: String, errno code: Int32) -> SluiceError {
    let text = String(cString: strerror(code))
    let (reason, remedy) =
      switch code {
      case ENOSPC, EDQUOT: ("disk-full", "free some space on the file system of \(path) and run again")
      case EACCES, EPERM, EROFS: ("permission-denied", "give the account that runs sluice the right to use \(path)")
      case ENOENT: ("file-missing", "check that \(path) exists")
      default: ("io-error", "check the disk and the mount of \(path), then run again")
      }
    return SluiceError(.environment, reason, file: path, cause: "\(call) failed: \(text)", remedy: remedy)
  }

  /// The same error with the file named, when it names none yet.
  package func naming(_ path: String) -> SluiceError {
    var named = self
    if named.file == nil { named.file = path }
    return named
  }
}

extension SluiceError: CustomStringConvertible {
  /// `file:line:column: cause (value "…") - remedy [code]`, the form in which every message is shown.
  @usableFromInline
  package var description: String {
    var place = file ?? ""
    if let position {
      place += place.isEmpty ? "line \(position.line)" : ":\(position.line)"
      if let column = position.column { place += ":\(column)" }
    }
    var text = place.isEmpty ? "" : place + ": "
    if let field { text += "\(field): " }
    text += cause
    if let value { text += " (value \"\(value)\")" }
    return text + "; \(remedy) [\(code)]"
  }
}
