import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
public final class ContentHash {
  private let context: OpaquePointer
  private var result: String?

  /// A hash of nothing yet.
  ///
  /// Throws `crypto-unavailable` (environment) when libcrypto has no SHA-256.
  public init() throws(SluiceError) {
    guard let context = EVP_MD_CTX_new() else { throw ContentHash.unavailable }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
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

  /// The hash in 64 lower-case hexadecimal digits; may be asked for again.
  public func finish() -> String {
    if let result { return result }
    var digest = [UInt8](repeating: 0, count: 32)
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
      .environment, "crypto-unavailable", cause: "libcrypto offers no SHA-256",
      remedy: "check the OpenSSL configuration of this machine")
  }
}
