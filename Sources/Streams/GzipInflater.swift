import CZlib
import Glibc

/// What an inflater may produce before the file counts as a bomb.
public struct InflateLimits: Equatable, Sendable {
  /// The most bytes that may come out.
  public var outputBytes: Int
  /// The most bytes out per byte in. Repetitive exports reach 200; deflate itself can not exceed 1032.
  public var ratio: Int
  /// Bytes out from which on the ratio counts.
  public var ratioFrom: Int

  /// Limits: 64 GiB, and 500 to 1 once more than 64 MiB are out.
  public init(outputBytes: Int = 64 << 30, ratio: Int = 500, ratioFrom: Int = 64 << 20) {
    self.outputBytes = outputBytes
    self.ratio = ratio
    self.ratioFrom = ratioFrom
  }
}

/// Inflates gzip (RFC 1952): several members after one another, zeros after the last.
///
/// zlib checks each member's CRC and length. Input that ends early is `gzip-truncated` (incomplete), anything else
/// that is wrong `gzip-corrupt` (damaged), too much output `gzip-bomb` (damaged).
public final class GzipInflater: ByteSource {
  private enum State { case member, between, padding, finished }

  private static let inputCapacity = 256 << 10
  private let source: any ByteSource
  private let limits: InflateLimits
  private let input: UnsafeMutablePointer<UInt8>
  // zlib keeps the address of the stream, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var state = State.member
  private var bytesIn = 0
  private var bytesOut = 0

  /// True when these first bytes of a file are those of gzip.
  public static func recognises(_ prefix: some Sequence<UInt8>) -> Bool { prefix.starts(with: [0x1F, 0x8B]) }

  /// An inflater of the gzip bytes of `source`.
  public init(_ source: any ByteSource, limits: InflateLimits = InflateLimits()) throws(SluiceError) {
    self.source = source
    self.limits = limits
    input = .allocate(capacity: GzipInflater.inputCapacity)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, plus 16: a gzip header and trailer are expected.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw SluiceError(
        .environment, "out-of-memory", cause: "zlib could not start (status \(status))",
        remedy: "free some memory and run again")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Inflates up to `count` bytes; throws what is wrong with the gzip data, and what the source throws.
  public func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    let room = min(count, 1 << 30)
    stream.pointee.next_out = target
    stream.pointee.avail_out = uInt(room)
    while state != .finished {
      let ended = try refill()
      switch state {
      case .member:
        if ended { throw GzipInflater.truncated }
        try inflateSome()
        let produced = room - Int(stream.pointee.avail_out)
        if produced > 0 {
          bytesOut += produced
          try checkLimits()
          return produced
        }
      case .between:
        if ended { state = .finished } else { try startMember() }
      case .padding:
        if ended { state = .finished } else { try skipPadding() }
      case .finished: break
      }
    }
    return 0
  }

  /// Reads more input when none is left; true at the end of the input.
  private func refill() throws(SluiceError) -> Bool {
    if stream.pointee.avail_in > 0 { return false }
    let got = try source.read(into: input, upTo: GzipInflater.inputCapacity)
    stream.pointee.next_in = input
    stream.pointee.avail_in = uInt(got)
    bytesIn += got
    return got == 0
  }

  private func inflateSome() throws(SluiceError) {
    let status = inflate(stream, Z_NO_FLUSH)
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .between
    case Z_MEM_ERROR:
      throw SluiceError(
        .environment, "out-of-memory", cause: "zlib ran out of memory", remedy: "free some memory and run again")
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      throw GzipInflater.corrupt("the gzip data is damaged: \(reason)")
    }
  }

  /// After a member: another one, zeros that fill a block (tapes and some tools write them), or garbage.
  private func startMember() throws(SluiceError) {
    switch stream.pointee.next_in.pointee {
    case 0x1F:
      inflateReset(stream)
      state = .member
    case 0: state = .padding
    default: throw GzipInflater.corrupt("bytes that are not gzip follow the end of the gzip data")
    }
  }

  private func skipPadding() throws(SluiceError) {
    let rest = ByteView(base: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    for index in 0..<rest.count where rest[index] != 0 {
      throw GzipInflater.corrupt("bytes that are not zero follow the padding after the gzip data")
    }
    stream.pointee.avail_in = 0
  }

  private func checkLimits() throws(SluiceError) {
    let isTooMuch = bytesOut > limits.outputBytes
    let isTooDense = bytesOut > limits.ratioFrom && bytesOut / limits.ratio > bytesIn
    guard isTooMuch || isTooDense else { return }
    throw SluiceError(
      .damaged, "gzip-bomb",
      cause: "\(bytesIn) bytes of gzip hold more than \(bytesOut - 1) bytes, which is beyond the limits",
      remedy: "check where the file comes from; if it is right, deliver it without compression")
  }

  private static var truncated: SluiceError {
    SluiceError(
      .incomplete, "gzip-truncated", cause: "the gzip data ends early",
      remedy: "wait for the upload to end, or have the file sent again")
  }

  private static func corrupt(_ cause: String) -> SluiceError {
    SluiceError(.damaged, "gzip-corrupt", cause: cause, remedy: "have the file sent again")
  }
}
