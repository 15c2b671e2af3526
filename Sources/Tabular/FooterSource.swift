import Glibc
import Streams

/// Gives out a text without its last lines, however long it is.
///
/// Lines that hold nothing but blanks do not count. A line ends in LF or CR here, so that CR LF is one line end more
/// than needed, behind a line that does not count. The pointer that `read` takes is its caller's; it is written to as
/// far as `count` says.
final class FooterSource: ByteSource {
  private static let piece = 64 << 10
  /// The most bytes that the lines kept back may have.
  static let longest = 1 << 20

  private let source: any ByteSource
  private let lines: Int
  /// Begins with a line that was not given out yet, or in the middle of one.
  private let held = ByteArena(capacity: 2 * FooterSource.piece)
  private var given = 0
  /// Bytes of `held` that are before the last lines, whatever comes.
  private var safe = 0
  private var isRead = false

  /// All but the last `lines` (at least 1) lines of `source`.
  init(_ source: any ByteSource, lines: Int) {
    self.source = source
    self.lines = lines
  }

  /// Gives out bytes that are not of the last lines. Throws `footer-too-long` (damaged) when these are longer than
  /// a mebibyte.
  func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    while given == safe {
      if isRead { return 0 }
      try readMore()
    }
    let length = min(count, safe - given)
    memcpy(target, held.view(from: given).base, length)
    given += length
    return length
  }

  private func readMore() throws(SluiceError) {
    let rest = held.view(from: given).array
    held.removeAll()
    rest.withView { held.append($0) }
    given = 0
    try held.fill(upTo: FooterSource.piece) { (target) throws(SluiceError) in
      try source.fill(target, upTo: FooterSource.piece)
    }
    isRead = held.count - rest.count < FooterSource.piece
    safe = lastLines(of: held.view)
    guard isRead || held.count - safe <= FooterSource.longest else {
      throw SluiceError(
        .damaged, "footer-too-long", cause: "the last \(lines) lines are longer than \(FooterSource.longest) bytes",
        remedy: "check the line ends of the file, or correct skip_footer in the feed's format")
    }
  }

  /// Where the last lines start; 0 when there are no more than these.
  private func lastLines(of view: ByteView) -> Int {
    var found = 0
    var holdsSomething = false
    var place = view.count
    while place > 0 {
      switch view[place - 1] {
      case 0x0A, 0x0D:
        if holdsSomething { found += 1 }
        if found == lines { return place }
        holdsSomething = false
      case 0x20, 0x09, 0x1A: break
      default: holdsSomething = true
      }
      place -= 1
    }
    return 0
  }
}
