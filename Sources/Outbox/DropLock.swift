import Glibc
import Streams

/// The one lock of a project, held while a drop is claimed, processed and published.
///
/// It is a flock(2) on `work/.lock`: the kernel lets it go when the holder ends, however it ends, so there are no stale
/// locks. The file's text names the holder and has no other meaning. Who waits for it holds `work/.lock.next`
/// meanwhile: a holder that takes drop after drop would otherwise have it back before anybody who waits looks again.
public final class DropLock {
  /// How waiting is done: a monotonic clock in seconds, and a pause of some seconds.
  public struct Patience {
    /// Seconds of a monotonic clock.
    public var now: () -> Double
    /// Waits for that many seconds.
    public var pause: (Double) -> Void

    /// A way of waiting.
    public init(now: @escaping () -> Double, pause: @escaping (Double) -> Void) {
      self.now = now
      self.pause = pause
    }

    /// The system's clock.
    public static var system: Patience {
      Patience(
        now: {
          var time = timespec()
          clock_gettime(CLOCK_MONOTONIC, &time)
          return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        },
        pause: { seconds in
          var time = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
          nanosleep(&time, nil)
        })
    }
  }

  /// Seconds between two tries.
  private static let interval = 0.05
  /// Longest holder text that is read or written, in bytes.
  private static let holderLimit = 200

  private var descriptor: Int32
  private var isHeld = false

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { release() }

  /// Takes the lock of the project whose work directory is `work`, waiting up to `timeout` seconds for it. `command`
  /// is what to tell others while it is held. Throws `.environment` `locked` naming the holder.
  public static func acquire(
    work: String, command: String, timeout: Double = 10, patience: Patience = .system
  ) throws(SluiceError) -> DropLock {
    try FileCalls.makeDirectory(work, durable: false)
    let path = "\(work)/.lock"
    let lock = DropLock(descriptor: try FileCalls.open(path, O_RDWR | O_CREAT))
    let next = try FileCalls.open(path + ".next", O_RDWR | O_CREAT)
    // Closing lets it go.
    defer { close(next) }
    let deadline = patience.now() + timeout
    for (descriptor, file) in [(next, path + ".next"), (lock.descriptor, path)] {
      while try !hasLocked(descriptor, file) {
        let left = deadline - patience.now()
        guard left > 0 else {
          throw locked(path, by: holder(lock.descriptor), after: timeout)
        }
        patience.pause(min(interval, left))
      }
    }
    lock.isHeld = true
    lock.sign("\(getpid()) \(printable(command))")
    return lock
  }

  /// Tries once to lock a file; false while another process has it.
  private static func hasLocked(_ descriptor: Int32, _ path: String) throws(SluiceError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      if errno != EINTR { throw SluiceError.system("flock", path: path, errno: errno) }
    }
    return true
  }

  /// Lets the lock go; repeating it does nothing.
  public func release() {
    guard descriptor >= 0 else { return }
    // Whoever reads the file from now on must not be told of a holder that is gone.
    if isHeld { _ = ftruncate(descriptor, 0) }
    close(descriptor)
    descriptor = -1
  }

  /// The text is a courtesy: that a full disk does not take it is no reason to give the lock up.
  private func sign(_ text: String) {
    _ = ftruncate(descriptor, 0)
    let bytes = Array((text + "\n").utf8)
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: holderLimit + 32)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let text = printable(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
    return text.isEmpty ? "another process" : "process \(text)"
  }

  private static func printable(_ text: String) -> String {
    let shown = text.unicodeScalars.filter { scalar in
      scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
    }
    var bytes = 0
    return String(
      String.UnicodeScalarView(
        shown.prefix { scalar in
          bytes += String(scalar).utf8.count
          return bytes <= holderLimit
        }))
  }

  private static func locked(_ path: String, by holder: String, after seconds: Double) -> SluiceError {
    SluiceError(
      .environment, "locked", file: path, cause: "\(holder) has held the project for \(seconds) seconds",
      remedy: "wait until it is done, or end it, then run again")
  }
}
