import TestSupport
import Testing

@testable import Streams

@Suite("Hashes and checksums")
struct HashTests {
  @Test(
    "SHA-256 gives the vectors of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func sha256(text: String, expected: String) throws {
    #expect(try Array(text.utf8).withView { (view) throws(SluiceError) in try ContentHash.sha256(view) } == expected)
    let hash = try ContentHash()
    for byte in text.utf8 { [byte].withView { hash.update($0) } }
    #expect(hash.finish() == expected)
    #expect(hash.finish() == expected, "asking twice")
  }

  private static let key = DigestKey(first: 0x0706_0504_0302_0100, second: 0x0f0e_0d0c_0b0a_0908)

  private func hex(_ digest: Digest128) -> String {
    let bytes = withUnsafeBytes(of: (digest.first.littleEndian, digest.second.littleEndian)) { Array($0) }
    return ContentHash.hexadecimal(bytes)
  }

  @Test(
    "SipHash-2-4-128 gives the vectors of its authors, 1-3 those of OpenSSL",
    arguments: [
      (0, "a3817f04ba25a8e66df67214c7550293", "e77ebcb22788a5befd62db6add303001"),
      (1, "da87c1d86b99af44347659119b22fc45", "fc6f370460d3eda85e0573cc2b2ff063"),
      (7, "a1f1ebbed8dbc153c0b84aa61ff08239", "1084b923f2aae0c3a62f2ec80848ab77"),
      (8, "3b62a9ba6258f5610f83e264f31497b4", "aa12fee1d5e3dab4724f16ab35f9c799"),
      (15, "5493e99933b0a8117e08ec0f97cfc3d9", "c17e5505b2bd526c2921cdec1e7e0109"),
      (16, "6ee2a4ca67b054bbfd3315bf85230577", "d0a8d95715518eebb513b0f83d9e1793"),
    ])
  func sipHash(count: Int, twoFour: String, oneThree: String) {
    (0..<count).map { UInt8($0) }.withView { view in
      let published = RowDigest.sipHash(view, key: HashTests.key, compressionRounds: 2, finalisationRounds: 4)
      #expect(hex(published) == twoFour)
      #expect(hex(RowDigest.digest(view, key: HashTests.key)) == oneThree)
    }
  }

  @Test("The row digest depends on the key and on every byte, wherever the bytes stand in memory")
  func digestDependsOnEverything() {
    var random = SeededGenerator(seed: 11)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let digest = bytes.withView { RowDigest.digest($0, key: HashTests.key) }
      #expect(bytes.withView { RowDigest.digest($0, key: .init(first: 1, second: 2)) } != digest)
      let shifted = [0] + bytes
      #expect(shifted.withView { RowDigest.digest($0.dropping(1), key: HashTests.key) } == digest)
      for index in 0..<length {
        var changed = bytes
        changed[index] ^= 1 << UInt8(index % 8)
        #expect(changed.withView { RowDigest.digest($0, key: HashTests.key) } != digest, "byte \(index) of \(length)")
      }
    }
  }

  @Test("Random keys differ")
  func randomKeys() {
    #expect(DigestKey.random() != DigestKey.random())
  }
}
