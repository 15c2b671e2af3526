import Glibc

/// What became of a command.
package struct CommandResult: Sendable {
  /// Exit status; 128 plus the signal when one ended the command.
  package let status: Int32
  /// The signal that ended it, or nil.
  package let signal: Int32?
  /// Standard output.
  package let output: String
  /// Standard error.
  package let errors: String
  /// Greatest resident memory, in bytes.
  package let peakMemory: Int

  /// Standard output as one JSON value a line.
  package func jsonLines() throws -> [JSONValue] { try JSONValue.lines(output) }
}

/// A command that has been started; `wait` must be called once.
///
/// Its output goes to files, not pipes, so that a command that writes much never waits for its reader.
package struct RunningCommand: Sendable {
  /// The process.
  package let process: pid_t
  private let outputPath: String
  private let errorsPath: String
  private let scratch: TemporaryDirectory

  /// Starts `executable` (an absolute path) with `arguments` in `directory`; `environment` is added to the test's own.
  /// An executable that does not exist shows as exit status 127.
  package init(
    _ executable: String, _ arguments: [String], in directory: String, environment: [String: String] = [:]
  ) throws {
    scratch = try TemporaryDirectory("sluice-command")
    outputPath = scratch("stdout")
    errorsPath = scratch("stderr")
    // env changes the directory and then becomes the command: same process, so signals and usage are the command's.
    let launcher = "/usr/bin/env"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errorsPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)

    // Tests run on threads that block signals, and the command would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var variables = RunningCommand.inheritedEnvironment()
    for (name, value) in environment { variables[name] = value }
    var words: [UnsafeMutablePointer<CChar>?] = ([launcher, "-C", directory, executable] + arguments).map { strdup($0) }
    var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in words + settings { free(text) } }
    words.append(nil)
    settings.append(nil)
    var process: pid_t = 0
    let code = posix_spawn(&process, launcher, &actions, &attributes, words, settings)
    guard code == 0 else { throw TestFailure("start \(executable): \(String(cString: strerror(code)))") }
    self.process = process
  }

  /// Sends a signal.
  package func send(_ signal: Int32) { kill(process, signal) }

  /// Waits for the end and collects what was written.
  package func wait() throws -> CommandResult {
    var state: Int32 = 0
    var usage = rusage()
    while wait4(process, &state, 0, &usage) < 0 {
      guard errno == EINTR else { throw TestFailure.system("wait4", "\(process)") }
    }
    let signal = state & 0x7F
    return CommandResult(
      status: signal == 0 ? (state >> 8) & 0xFF : 128 + signal, signal: signal == 0 ? nil : signal,
      output: try FileTree.text(outputPath), errors: try FileTree.text(errorsPath),
      peakMemory: usage.ru_maxrss * 1024)
  }

  private static func inheritedEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    for line in (try? FileTree.read("/proc/self/environ"))?.split(separator: 0) ?? [] {
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: line[..<equals], as: UTF8.self)
      variables[name] = String(decoding: line[line.index(after: equals)...], as: UTF8.self)
    }
    return variables
  }
}
