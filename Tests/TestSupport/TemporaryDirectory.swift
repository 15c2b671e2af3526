import Glibc

/// A directory of a test's own, removed with everything in it when the value goes out of use.
///
/// `SLUICE_KEEP_TEST_FILES=1` leaves it where it is and names it on stderr, for looking at a failure.
package final class TemporaryDirectory: Sendable {
  /// Absolute path, symbolic links resolved, without a slash at the end.
  package let path: String

  /// A new, empty directory below `TMPDIR` (`/tmp` without it).
  package init(_ label: String = "sluice-test") throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    guard let made = "\(parent)/\(label).XXXXXX".withMutableCString(mkdtemp), let real = realpath(made, nil) else {
      throw TestFailure("mkdtemp below \(parent): \(String(cString: strerror(errno)))")
    }
    defer { free(real) }
    path = String(cString: real)
  }

  deinit {
    if getenv("SLUICE_KEEP_TEST_FILES") != nil {
      let note = Array("kept \(path)\n".utf8)
      _ = Glibc.write(2, note, note.count)
    } else {
      FileTree.remove(path)
    }
  }

  /// The absolute path of `name` in the directory.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// What went wrong in a test's own machinery.
package struct TestFailure: Error, CustomStringConvertible {
  /// One sentence.
  package let description: String

  /// A failure with its reason.
  package init(_ description: String) { self.description = description }

  /// A failed system call, by the errno that it left.
  static func system(_ call: String, _ path: String) -> TestFailure {
    TestFailure("\(call) \(path): \(String(cString: strerror(errno)))")
  }
}

extension String {
  /// Lends a mutable, terminated copy of the text to a C function that writes into it.
  fileprivate func withMutableCString(_ body: (UnsafeMutablePointer<CChar>) -> UnsafeMutablePointer<CChar>?) -> String?
  {
    var bytes = Array(utf8CString)
    return bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, let result = body(base) else { return nil }
      return String(cString: result)
    }
  }
}
