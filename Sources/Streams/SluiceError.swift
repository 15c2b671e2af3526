import Glibc

/// What a failure means for the drop that it happened to (`semantics.md`, "What becomes of a drop").
public enum FailureKind: String, Sendable, Codable {
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
public struct Position: Equatable, Sendable, Codable {
  /// Line, from 1 on, in physical lines of the (decompressed) file.
  public var line: Int
  /// Column, from 1 on: the ordinal of the field in tables, the character in definitions; nil when unknown.
  public var column: Int?

  /// A position.
  public init(line: Int, column: Int? = nil) {
    self.line = line
    self.column = column
  }
}

/// The one error type that crosses layers: what happened, where, why, and what to do about it.
public struct SluiceError: Error, Equatable, Sendable {
  /// What the failure means for the drop or the command.
  public var kind: FailureKind
  /// Stable kebab-case reason code, listed in `docs/errors.md`.
  public var code: String
  /// Path or name of the file concerned.
  public var file: String?
  /// Where in the file.
  public var position: Position?
  /// Column name, field name or key concerned.
  public var field: String?
  /// The offending value, already masked when it is sensitive.
  public var value: String?
  /// What went wrong, one sentence without a full stop.
  public var cause: String
  /// What a person can do about it, one sentence without a full stop.
  public var remedy: String

  /// An error; `file` and `position` may be added by the layers that know them.
  public init(
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
  public static func system(_ call: String, path: String, errno code: Int32) -> SluiceError {
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
  public func naming(_ path: String) -> SluiceError {
    var named = self
    if named.file == nil { named.file = path }
    return named
  }
}

extension SluiceError: CustomStringConvertible {
  /// `file:line:column: cause (value "…") - remedy [code]`, the form in which every message is shown.
  public var description: String {
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
