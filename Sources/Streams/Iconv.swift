import Glibc

/// A converter of the C library between two encodings.
///
/// Unsafe, with these invariants: the descriptor is open from `init` to `deinit` and used by one thread at a time; a
/// call reads within the view that it is given and writes within the room that the arena gives.
final class Iconv {
  /// Why a call stopped.
  enum Stop {
    /// All input was taken.
    case finished
    /// The output is full.
    case full
    /// The input ends within a character.
    case incomplete
    /// The next byte of the input is none of the encoding, or its character is none of the other encoding.
    case invalid
  }

  private let descriptor: iconv_t

  /// A converter; nil when this system does not know one of the encodings.
  init?(from source: String, to target: String) {
    guard let descriptor = iconv_open(target, source), descriptor != iconv_t(bitPattern: -1) else { return nil }
    self.descriptor = descriptor
  }

  deinit { iconv_close(descriptor) }

  /// Goes back to the state in which a text begins.
  func reset() { iconv(descriptor, nil, nil, nil, nil) }

  /// Appends what `input` becomes, as far as it goes; `taken` says how many bytes of it were converted.
  func convert(_ input: ByteView, into output: ByteArena, taken: inout Int) -> Stop {
    // No character takes more room in any encoding than four times its bytes in another, but for shifts at the start.
    let room = input.count * 4 + 32
    var source: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: input.base)
      .assumingMemoryBound(to: CChar.self)
    var left = input.count
    var result = 0
    var reason: Int32 = 0
    output.append(upTo: room) { start in
      var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(start).assumingMemoryBound(to: CChar.self)
      var free = room
      result = iconv(descriptor, &source, &left, &target, &free)
      reason = errno
      return room - free
    }
    taken = input.count - left
    guard result == -1 else { return .finished }
    return switch reason {
    case E2BIG: .full
    case EINVAL: .incomplete
    default: .invalid
    }
  }

  /// Appends what a text still needs at its end, in encodings with shift states.
  func finish(into output: ByteArena) {
    let room = 64
    output.append(upTo: room) { start in
      var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(start).assumingMemoryBound(to: CChar.self)
      var free = room
      iconv(descriptor, nil, nil, &target, &free)
      return room - free
    }
  }
}
