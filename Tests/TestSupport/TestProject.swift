import Glibc

/// A project directory of a test's own, and the real binary run in it.
package struct TestProject: Sendable {
  /// The time that `run` gives as `--now` unless told otherwise.
  package static let now = "2026-11-23T02:15:00Z"

  /// The project's directory; removed with the last copy of this value.
  package let directory: TemporaryDirectory
  private let binary: String

  /// A project with an empty inbox and `feeds` (name without `.yaml` to text).
  ///
  /// `binary` is the command to run: the `sluice` of this build.
  package init(
    feeds: [String: String] = [:], settings: String = "# every place has its default\n",
    binary: String = BuildProducts.sluice
  ) throws {
    directory = try TemporaryDirectory("sluice-project")
    self.binary = binary
    try write("sluice.yaml", settings)
    try FileTree.makeDirectory(directory("feeds"))
    try FileTree.makeDirectory(directory("inbox"))
    for (name, text) in feeds { try write("feeds/\(name).yaml", text) }
  }

  /// The absolute path of `name` in the project.
  package func path(_ name: String) -> String { directory(name) }

  /// Writes a file of the project.
  package func write(_ name: String, _ text: String) throws { try FileTree.write(text, to: directory(name)) }

  /// Writes a file of the project.
  package func write(_ name: String, bytes: [UInt8]) throws { try FileTree.write(bytes, to: directory(name)) }

  /// Puts a whole file into the inbox, as a careful sender does: under a dot name first, then renamed.
  package func drop(_ name: String, _ text: String) throws { try drop(name, bytes: Array(text.utf8)) }

  /// Puts a whole file into the inbox.
  package func drop(_ name: String, bytes: [UInt8]) throws {
    let staged = directory("inbox/.\(name).tmp")
    try FileTree.write(bytes, to: staged)
    guard rename(staged, directory("inbox/\(name)")) == 0 else { throw TestFailure.system("rename", staged) }
  }

  /// The text of a file of the project.
  package func text(_ name: String) throws -> String { try FileTree.text(directory(name)) }

  /// Runs `sluice` with these arguments in the project, and waits for it.
  package func sluice(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandResult {
    try sluice(arguments, environment: environment)
  }

  /// Runs `sluice` with these arguments in the project, and waits for it.
  package func sluice(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandResult {
    try start(arguments, environment: environment).wait()
  }

  /// Starts `sluice` with these arguments in the project; for `watch`, and for commands that are to be interrupted.
  package func start(_ arguments: [String], environment: [String: String] = [:]) throws -> RunningCommand {
    try RunningCommand(binary, arguments, in: directory.path, environment: environment)
  }

  /// `sluice run --json --now …` with further arguments: the result, and the object of each drop.
  package func run(
    _ arguments: String..., now: String = TestProject.now, environment: [String: String] = [:]
  ) throws -> (result: CommandResult, drops: [JSONValue]) {
    let result = try sluice(["run", "--json", "--now", now] + arguments, environment: environment)
    return (result, try result.jsonLines())
  }

  /// Paths of all files in the outbox, relative to it, in byte order.
  package var outbox: [String] { FileTree.files(below: directory("outbox")) }

  /// All files in the outbox with their bytes, by relative path. Dot files and dot directories (staging) are included.
  package func outboxContents() throws -> [String: [UInt8]] { try FileTree.contents(below: directory("outbox")) }
}
