import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, or MD5 (RFC 1321), which senders use to find damage.
public final class ContentHash {
  /// How bytes are hashed.
  public enum Algorithm: Sendable {
    case sha256
    /// Finds what went wrong by accident, not what was meant to mislead.
    case md5
  }

  private let context: OpaquePointer
  /// Bytes of the hash.
  private let size: Int
  private var result: String?

  /// A hash of nothing yet.
  ///
  /// Throws `crypto-unavailable` (environment) when libcrypto does not offer it.
  public init(_ algorithm: Algorithm = .sha256) throws(SluiceError) {
    guard let context = EVP_MD_CTX_new() else { throw ContentHash.unavailable }
    size = algorithm == .sha256 ? 32 : 16
    guard EVP_DigestInit_ex(context, algorithm == .sha256 ? EVP_sha256() : EVP_md5(), nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw ContentHash.unavailable
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes; must not be called after `finish`.
  public func update(_ view: ByteView) {
    guard view.count > 0 else { return }
    let done = EVP_DigestUpdate(context, view.base, view.count)
    precondition(done == 1 && result == nil, "bytes added to a finished hash")
  }

  /// The hash in lower-case hexadecimal digits (64, or 32 of MD5); may be asked for again.
  public func finish() -> String {
    if let result { return result }
    var digest = [UInt8](repeating: 0, count: size)
    let done = digest.withUnsafeMutableBufferPointer { EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
    precondition(done == 1, "libcrypto could not finish a hash that it began")
    let text = ContentHash.hexadecimal(digest)
    result = text
    return text
  }

  /// The hash of some bytes at hand.
  public static func sha256(_ view: ByteView) throws(SluiceError) -> String {
    let hash = try ContentHash()
    hash.update(view)
    return hash.finish()
  }

  /// The hash of the file at `path`. Throws what `InputFile` does.
  public static func hash(ofFile path: String, _ algorithm: Algorithm) throws(SluiceError) -> String {
    let hash = try ContentHash(algorithm)
    let file = try InputFile(path: path)
    let buffer = ByteArena(capacity: 1 << 18)
    while true {
      buffer.removeAll()
      try buffer.fill(upTo: 1 << 18) { (target) throws(SluiceError) in try file.read(into: target, upTo: 1 << 18) }
      guard buffer.count > 0 else { return hash.finish() }
      hash.update(buffer.view)
    }
  }

  /// Bytes as lower-case hexadecimal digits.
  public static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static var unavailable: SluiceError {
    SluiceError(
      .environment, "crypto-unavailable", cause: "libcrypto offers no SHA-256, or no MD5",
      remedy: "check the OpenSSL configuration of this machine")
  }
}
