import Glibc

/// What a command cost.
struct Measured {
  /// Exit status; 128 plus the signal when one ended it.
  var status: Int32
  /// Seconds from start to end.
  var wall: Double
  /// Seconds of CPU, user and system together, of the command and what it waited for.
  var cpu: Double
  /// Greatest resident memory, in bytes.
  var peakMemory: Int
  /// Standard output.
  var output: String

  /// Runs a command to its end. Its errors go to the terminal; a path without slash is looked for in PATH.
  static func run(_ command: [String]) throws -> Measured {
    let outputPath = "/tmp/sluice-bench-\(getpid()).out"
    defer { unlink(outputPath) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let start = now()
    let code = posix_spawnp(&process, command[0], &actions, nil, &words, environ)
    guard code == 0 else { throw BenchFailure("start \(command[0]): \(String(cString: strerror(code)))") }
    var state: Int32 = 0
    var usage = rusage()
    while wait4(process, &state, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchFailure("wait for \(command[0]): \(String(cString: strerror(errno)))") }
    }
    let wall = now() - start
    let signal = state & 0x7F
    return Measured(
      status: signal == 0 ? (state >> 8) & 0xFF : 128 + signal, wall: wall,
      cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakMemory: usage.ru_maxrss * 1024,
      output: try Files.text(outputPath))
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// Why the benchmark could not go on.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
