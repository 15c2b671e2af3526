import Glibc
import Streams

/// Replaces parts of a text.
public enum TextReplace {
  /// Appends `text` with every occurrence of `wanted` (not empty), from the left and none overlapping, replaced.
  public static func append(_ text: ByteView, replacing wanted: ByteView, with other: ByteView, to arena: ByteArena) {
    assert(!wanted.isEmpty)
    var position = 0
    while let found = find(wanted, in: text, from: position) {
      arena.append(text.slice(from: position, count: found - position))
      arena.append(other)
      position = found + wanted.count
    }
    arena.append(text.slice(from: position, count: text.count - position))
  }

  /// Where `wanted` (not empty) stands first in `text` at or after `start`; nil when it does not.
  public static func find(_ wanted: ByteView, in text: ByteView, from start: Int) -> Int? {
    var position = start
    while position + wanted.count <= text.count {
      let starts = text.count - wanted.count + 1 - position
      guard let place = memchr(text.base + position, Int32(wanted[0]), starts) else { return nil }
      position = UnsafeRawPointer(place) - UnsafeRawPointer(text.base)
      if text.slice(from: position, count: wanted.count) == wanted { return position }
      position += 1
    }
    return nil
  }
}
