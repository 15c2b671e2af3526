import Glibc

/// Where the build put what the tests run, and where the sources are.
package enum BuildProducts {
  /// The directory of the test executable, which is that of the other products too.
  package static var directory: String {
    guard let real = realpath("/proc/self/exe", nil) else { return "" }
    defer { free(real) }
    let path = String(cString: real)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// The `sluice` that was built with the tests; `SLUICE_BINARY` names another one.
  package static var sluice: String { getenv("SLUICE_BINARY").map { String(cString: $0) } ?? "\(directory)/sluice" }

  /// The library that stops a process at a chosen call (`Tests/CrashPoint`).
  package static var crashPoint: String { "\(directory)/libCrashPoint.so" }

  /// The root of the repository, by the place of this file.
  package static var repository: String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
  }
}
