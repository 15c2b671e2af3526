import Foundation

/// What a command cost.
struct Measured {
  /// Exit status; 128 plus the signal when one ended it.
  var status: Int32
  /// Seconds from start to end.
  var wall: Double
  /// Seconds of CPU, user and system together, of the command and what it waited for.
  var cpu: Double
  /// The part of `cpu` that the kernel took.
  var system: Double
  /// Greatest resident memory, in bytes.
  var peakMemory: Int
  /// Bytes that the command itself handed to `write` and its like; 0 where the kernel does not tell.
  var written: Int
  /// Standard output.
  var output: String

  /// Runs a command to its end. Its errors go to the terminal; a path without slash is looked for in PATH.
  ///
  /// - `environment`: variables beside those of the benchmark.
  /// - `output`: where standard output goes; without it, into the result.
  static func run(
    _ command: [String], environment: [String: String] = [:], output: String? = nil
  ) throws -> Measured {
    let outputPath = output ?? "/tmp/sluice-bench-\(getpid()).out"
    let report = "/tmp/sluice-bench-\(getpid()).cost"
    defer {
      if output == nil { unlink(outputPath) }
      unlink(report)
    }
    let process = try spawn([helper, report] + command, environment: environment, output: outputPath)
    var state: Int32 = 0
    while waitpid(process, &state, 0) < 0 {
      guard errno == EINTR else { throw BenchFailure("wait for \(command[0]): \(String(cString: strerror(errno)))") }
    }
    let cost = ((try? Files.text(report)) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard state == 0, cost.count == 6 else { throw BenchFailure("\(command[0]) could not be measured") }
    return Measured(
      status: Int32(cost[0]), wall: cost[1], cpu: cost[2], system: cost[3], peakMemory: Int(cost[4]),
      written: Int(cost[5]), output: output == nil ? try Files.text(outputPath) : "")
  }

  /// The program that runs a command and says what it cost.
  private static let helper = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("measure").path

  /// Starts a command and does not wait for it.
  static func spawn(_ command: [String], environment: [String: String] = [:], output: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var variables: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, command[0], &actions, nil, &words, &variables)
    guard code == 0 else { throw BenchFailure("start \(command[0]): \(String(cString: strerror(code)))") }
    return process
  }

  /// Runs a command that is expected to succeed, and gives what it printed.
  @discardableResult
  static func succeed(_ command: [String]) throws -> String {
    let result = try run(command)
    guard result.status == 0 else {
      throw BenchFailure("\(command.joined(separator: " ")) ended with status \(result.status)")
    }
    return result.output
  }

  /// Seconds on a clock that only goes forward.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Why the benchmark could not go on.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
