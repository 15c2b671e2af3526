import CCrypto
import Streams

/// Incremental SHA-256 (FIPS 180-4) by libcrypto.
///
/// Invariant: `context` comes from `EVP_MD_CTX_new`, is owned by this value alone and freed once, when the value ends.
struct SHA256Digest: ~Copyable {
  private let context: OpaquePointer

  /// An empty digest; throws `out-of-memory` when libcrypto cannot make one.
  init() throws(SluiceError) {
    guard let context = EVP_MD_CTX_new() else { throw Self.failure() }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw Self.failure()
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  mutating func update(_ bytes: [UInt8]) {
    // The only failure that libcrypto knows here is a finished context, and `finish` consumes the value.
    _ = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
  }

  /// The digest of all bytes added: 64 lower-case hexadecimal digits.
  consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    _ = digest.withUnsafeMutableBufferPointer { EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of `bytes` in one go.
  static func hex(_ bytes: [UInt8]) throws(SluiceError) -> String {
    var digest = try SHA256Digest()
    digest.update(bytes)
    return digest.finish()
  }

  private static func failure() -> SluiceError {
    SluiceError(
      .environment, "out-of-memory", cause: "libcrypto gave no SHA-256 context",
      remedy: "free some memory and run again")
  }
}
