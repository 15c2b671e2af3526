import Foundation

/// Real programs, as an auditor would use them.
enum Command {
  /// Exit status, standard output and standard error of `/usr/bin/env arguments…`.
  static func run(_ arguments: [String], input: String = "") throws -> (status: Int32, output: String, error: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let pipes = (input: Pipe(), output: Pipe(), error: Pipe())
    process.standardInput = pipes.input
    process.standardOutput = pipes.output
    process.standardError = pipes.error
    try process.run()
    try pipes.input.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try pipes.input.fileHandleForWriting.close()
    let output = try pipes.output.fileHandleForReading.readToEnd() ?? Data()
    let error = try pipes.error.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self), String(decoding: error, as: UTF8.self))
  }

  /// What `sqlite3 path sql` prints, without the last line feed; its message when it fails.
  static func sqlite(_ path: String, _ sql: String) throws -> String {
    let result = try run(["sqlite3", "-batch", "-cmd", ".timeout 5000", path], input: sql + "\n")
    return (result.output + result.error).trimmingCharacters(in: .newlines)
  }
}

/// A `sqlite3` process that holds the write lock of a database until it is let go.
final class ForeignWriter {
  private let process = Process()
  private let input = Pipe()

  /// Returns once the lock is held and an entry is inserted but not committed.
  init(_ path: String) throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-batch", path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let sql = """
      BEGIN IMMEDIATE;
      INSERT INTO entry SELECT max(id) + 1, at, 'finished', NULL, 'x', '{}', '', '', 'open' FROM entry;
      SELECT 'held';

      """
    try input.fileHandleForWriting.write(contentsOf: Data(sql.utf8))
    _ = output.fileHandleForReading.availableData
  }

  /// Rolls back and ends.
  func letGo() throws {
    try input.fileHandleForWriting.write(contentsOf: Data("ROLLBACK;\n".utf8))
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
