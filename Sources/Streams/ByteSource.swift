import Glibc

/// Where a reader takes its bytes from, a chunk at a time: a file, an inflater, a transcoder, or a test.
///
/// The call is dynamic, which costs nothing per byte: a chunk is some thousand bytes.
public protocol ByteSource: AnyObject {
  /// Writes up to `count` (above 0) bytes to `target` and returns how many; fewer than `count` says nothing about
  /// the end, 0 means that the end is reached, and stays so.
  func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int
}

extension ByteSource {
  /// Reads until `count` bytes are there or the end is reached; fewer than `count` means the end.
  public func fill(
    _ target: UnsafeMutablePointer<UInt8>, upTo count: Int
  ) throws(SluiceError) -> Int {
    var filled = 0
    while filled < count {
      let got = try read(into: target + filled, upTo: count - filled)
      if got == 0 { break }
      filled += got
    }
    return filled
  }
}

/// A source whose first bytes can be looked at before they are read.
public final class PrefixedSource: ByteSource {
  private let source: any ByteSource
  private let prefix: [UInt8]
  private var taken = 0

  /// Reads the first `length` bytes of `source` ahead (fewer when it is shorter).
  public init(_ source: any ByteSource, peeking length: Int) throws(SluiceError) {
    self.source = source
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(length, 1))
    defer { buffer.deallocate() }
    let count = try source.fill(buffer, upTo: length)
    prefix = Array(UnsafeBufferPointer(start: buffer, count: count))
  }

  /// The bytes read ahead that nobody has read or dropped yet.
  public var peeked: ArraySlice<UInt8> { prefix[taken...] }

  /// Passes over `count` of the bytes read ahead.
  public func drop(_ count: Int) { taken = min(taken + count, prefix.count) }

  /// Gives the bytes read ahead first, then those of the source.
  public func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    guard taken < prefix.count else { return try source.read(into: target, upTo: count) }
    let length = min(count, prefix.count - taken)
    prefix.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { memcpy(target, base + taken, length) }
    }
    taken += length
    return length
  }
}

/// Bytes that are in memory already.
public final class BytesSource: ByteSource {
  private let bytes: [UInt8]
  private var taken = 0

  /// A source of `bytes`.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Gives out the bytes that were not given out yet.
  public func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    let length = min(count, bytes.count - taken)
    bytes.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { memcpy(target, base + taken, length) }
    }
    taken += length
    return length
  }
}

/// Passes bytes through, counting them and, when asked, hashing them.
public final class MeteredSource: ByteSource {
  private let source: any ByteSource
  private let hash: ContentHash?
  /// Bytes read so far.
  public private(set) var byteCount = 0

  /// A meter on `source`.
  public init(_ source: any ByteSource, hashing: Bool) throws(SluiceError) {
    self.source = source
    hash = hashing ? try ContentHash() : nil
  }

  /// Gives the bytes of the source, counting them.
  public func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    let got = try source.read(into: target, upTo: count)
    byteCount += got
    hash?.update(ByteView(base: target, count: got))
    return got
  }

  /// SHA-256 of the bytes read so far in lower-case hexadecimal; nil when not hashing.
  public func sha256() -> String? { hash?.finish() }
}
