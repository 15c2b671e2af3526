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
    defer { if output == nil { unlink(outputPath) } }
    let start = now()
    let process = try spawn(command, environment: environment, output: outputPath)
    // The counters of a process that has ended can be read until it is waited for.
    var ended = siginfo_t()
    while waitid(P_PID, id_t(process), &ended, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    let wall = now() - start
    let written = writtenBytes(of: process)
    var state: Int32 = 0
    var usage = rusage()
    while wait4(process, &state, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchFailure("wait for \(command[0]): \(String(cString: strerror(errno)))") }
    }
    let signal = state & 0x7F
    return Measured(
      status: signal == 0 ? (state >> 8) & 0xFF : 128 + signal, wall: wall,
      cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), system: seconds(usage.ru_stime),
      peakMemory: usage.ru_maxrss * 1024, written: written, output: output == nil ? try Files.text(outputPath) : "")
  }

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

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  private static func writtenBytes(of process: pid_t) -> Int {
    let lines = ((try? Files.text("/proc/\(process)/io")) ?? "").split(separator: "\n")
    return lines.first { $0.hasPrefix("wchar: ") }.flatMap { Int($0.dropFirst(7)) } ?? 0
  }
}

/// Why the benchmark could not go on.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
