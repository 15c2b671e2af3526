import Streams

/// Texts in other encodings against the same text in UTF-8.
enum Texts {
  static func verdict(_ path: String, _ encoding: TextEncoding, like other: String) -> Verdict {
    do throws(SluiceError) {
      let found = try bytes(Transcoder.utf8(of: InputFile(path: path), in: encoding))
      let expected = try bytes(InputFile(path: other))
      if found == expected { return .passed }
      let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      return .failed("the text differs from byte \(place ?? min(found.count, expected.count)) of its UTF-8 on")
    } catch {
      return .failed("\(error.code): \(error.cause)")
    }
  }

  private static func bytes(_ source: any ByteSource) throws(SluiceError) -> [UInt8] {
    let arena = ByteArena(capacity: 1 << 16)
    var got = 0
    repeat {
      let before = arena.count
      try arena.fill(upTo: 1 << 16) { (target) throws(SluiceError) in try source.read(into: target, upTo: 1 << 16) }
      got = arena.count - before
    } while got > 0
    return arena.view.array
  }
}
