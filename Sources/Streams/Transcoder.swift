import Glibc

/// Turns the bytes of a drop into UTF-8, chunk by chunk.
///
/// UTF-8 passes through but for its byte order mark; whether it is well-formed is the reader's business. A byte that
/// the encoding does not define becomes the byte FF and itself: never UTF-8, so that the reader rejects the row.
/// Damage in UTF-16, UTF-32 and encodings with shift states ends the drop, because nothing after it can be trusted.
public enum Transcoder {
  /// A source of the UTF-8 of `source`, which is written in `encoding`.
  ///
  /// Throws `encoding-mismatch` (damaged) when the file begins with the byte order mark of another encoding.
  public static func utf8(
    of source: any ByteSource, in encoding: TextEncoding
  ) throws(SluiceError) -> any ByteSource {
    let prefixed = try PrefixedSource(source, peeking: 4)
    let mark = ByteOrderMark.find(in: prefixed.peeked)
    if let mark {
      guard mark.belongs(to: encoding) else { throw mismatch(declared: encoding, found: mark) }
      prefixed.drop(mark.length)
    }
    if encoding == .utf8 { return prefixed }
    if let table = encoding.table { return TranscodingSource(prefixed, SingleByteDecoder(table)) }
    switch (encoding, mark) {
    case (.utf16, .utf16LittleEndian), (.utf16LittleEndian, _):
      return TranscodingSource(prefixed, UTF16Decoder(isBigEndian: false))
    case (.utf16, _), (.utf16BigEndian, _):
      return TranscodingSource(prefixed, UTF16Decoder(isBigEndian: true))
    case (.utf32, .utf32LittleEndian): return TranscodingSource(prefixed, try IconvDecoder("utf-32le"))
    case (.utf32, _): return TranscodingSource(prefixed, try IconvDecoder("utf-32be"))
    default: return TranscodingSource(prefixed, try IconvDecoder(encoding.name))
    }
  }

  private static func mismatch(declared: TextEncoding, found: ByteOrderMark) -> SluiceError {
    SluiceError(
      .damaged, "encoding-mismatch", position: Position(line: 1),
      cause: "the file is declared as \(declared.name) but begins with the byte order mark of "
        + found.encodingName,
      remedy: "declare encoding: \(found.encodingName) in the feed, or have the file written as declared")
  }
}

/// Decodes chunks of one encoding; keeps what a chunk ends in the middle of.
protocol ChunkDecoder {
  /// Appends the UTF-8 of `chunk`; an empty chunk is the end of the input.
  mutating func decode(_ chunk: ByteView, into output: ByteArena) throws(SluiceError)
}

/// A source that decodes another one through two buffers of its own.
final class TranscodingSource<Decoder: ChunkDecoder>: ByteSource {
  private static var chunkSize: Int { 64 << 10 }
  private let source: any ByteSource
  private var decoder: Decoder
  private let input: UnsafeMutablePointer<UInt8>
  private let output = ByteArena(capacity: TranscodingSource.chunkSize * 3 + 16)
  private var taken = 0
  private var ended = false

  init(_ source: any ByteSource, _ decoder: Decoder) {
    self.source = source
    self.decoder = decoder
    input = .allocate(capacity: TranscodingSource.chunkSize)
  }

  deinit { input.deallocate() }

  func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    while taken == output.count {
      if ended { return 0 }
      output.removeAll()
      taken = 0
      let got = try source.read(into: input, upTo: TranscodingSource.chunkSize)
      ended = got == 0
      try decoder.decode(ByteView(base: input, count: got), into: output)
    }
    let length = min(count, output.count - taken)
    memcpy(target, output.view(from: taken).base, length)
    taken += length
    return length
  }
}

/// One byte a character.
struct SingleByteDecoder: ChunkDecoder {
  private let table: SingleByteTable

  init(_ table: SingleByteTable) { self.table = table }

  mutating func decode(_ chunk: ByteView, into output: ByteArena) {
    let asciiEnd = table.asciiEnd
    output.append(upTo: chunk.count * 3) { target in
      table.scalars.withUnsafeBufferPointer { scalars in
        var used = 0
        for index in 0..<chunk.count {
          let byte = chunk[index]
          if byte < asciiEnd {
            target[used] = byte
            used &+= 1
            continue
          }
          let scalar = scalars[Int(byte)]
          if scalar == SingleByteTable.undefined {
            target[used] = 0xFF
            target[used &+ 1] = byte
            used &+= 2
          } else {
            used &+= UTF8Writer.write(UInt32(scalar), to: target + used)
          }
        }
        return used
      }
    }
  }
}

/// Writes scalars as UTF-8.
enum UTF8Writer {
  /// Writes a scalar to `target`, which has room for four bytes; returns how many it took.
  @inline(__always)
  static func write(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
    switch scalar {
    case ..<0x80:
      target[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    case ..<0x800:
      target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 2
    case ..<0x10000:
      target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
      target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 3
    default:
      target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
      target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
      target[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 4
    }
  }
}
