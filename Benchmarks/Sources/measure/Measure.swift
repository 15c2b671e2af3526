import Glibc

/// Runs a command and writes what it cost: `measure REPORT COMMAND ARGUMENT…`.
///
/// It is a program of its own because it is small. A process starts with the greatest resident memory of the one that
/// made it, so that a large parent would be taken for the command's own memory.
@main
struct Measure {
  static func main() {
    let words = CommandLine.arguments
    guard words.count >= 3 else { stop("usage: measure REPORT COMMAND ARGUMENT…") }
    var arguments: [UnsafeMutablePointer<CChar>?] = words[2...].map { strdup($0) } + [nil]
    // What is preloaded is meant for the command alone; this program has its variables under another name.
    if let library = getenv("MEASURE_PRELOAD") { setenv("LD_PRELOAD", library, 1) }
    var process: pid_t = 0
    let start = now()
    let code = posix_spawnp(&process, words[2], nil, nil, &arguments, environ)
    guard code == 0 else { stop("start \(words[2]): \(String(cString: strerror(code)))") }
    // The counters of a process that has ended can be read until it is waited for.
    var ended = siginfo_t()
    while waitid(P_PID, id_t(process), &ended, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    let wall = now() - start
    let written = writtenBytes(of: process)
    var state: Int32 = 0
    var usage = rusage()
    while wait4(process, &state, 0, &usage) < 0, errno == EINTR {}
    let signal = state & 0x7F
    let status = signal == 0 ? (state >> 8) & 0xFF : 128 + signal
    let (user, system) = (seconds(usage.ru_utime), seconds(usage.ru_stime))
    report("\(status) \(wall) \(user + system) \(system) \(usage.ru_maxrss * 1024) \(written)\n", to: words[1])
  }

  private static func stop(_ message: String) -> Never {
    let text = Array("measure: \(message)\n".utf8)
    _ = write(2, text, text.count)
    exit(2)
  }

  private static func report(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { stop("\(path): \(String(cString: strerror(errno)))") }
    fputs(text, file)
    fclose(file)
  }

  private static func writtenBytes(of process: pid_t) -> Int {
    guard let file = fopen("/proc/\(process)/io", "r") else { return 0 }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line {
      if strncmp(text, "wchar: ", 7) == 0 { return atol(text + 7) }
    }
    return 0
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
