import CCrypto
import Streams

/// A running SHA-256 (FIPS 180-4) over libcrypto.
///
/// Invariants: `context` is allocated in `init`, freed in `deinit`, and touched by one thread at a time; a view is read
/// during the call that it is given to and not kept.
final class Sha256 {
  private let context: OpaquePointer

  /// A hash of no bytes yet. Throws `.environment` `hash-unavailable`.
  init() throws(SluiceError) {
    guard let context = EVP_MD_CTX_new() else { throw Sha256.unavailable }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw Sha256.unavailable
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  func update(_ bytes: ByteView) throws(SluiceError) {
    guard EVP_DigestUpdate(context, bytes.base, bytes.count) == 1 else { throw Sha256.unavailable }
  }

  /// The digest in lower-case hexadecimal; the hash takes no bytes after it.
  func finish() throws(SluiceError) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { throw Sha256.unavailable }
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest[..<Int(count)].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static var unavailable: SluiceError {
    SluiceError(
      .environment, "hash-unavailable", cause: "libcrypto cannot compute SHA-256",
      remedy: "check that libssl 3 is installed whole and that there is memory left")
  }
}
