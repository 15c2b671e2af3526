import Glibc
import Streams

/// A source of bytes at hand that never gives more than `chunk` of them at once.
final class ChunkedSource: ByteSource {
  private let bytes: [UInt8]
  private let chunk: Int
  private var taken = 0

  init(_ bytes: [UInt8], chunk: Int = .max) {
    self.bytes = bytes
    self.chunk = chunk
  }

  func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    let length = min(count, chunk, bytes.count - taken)
    for index in 0..<length { target[index] = bytes[taken + index] }
    taken += length
    return length
  }
}

/// The sizes at which chunk borders have gone wrong in readers before.
let chunkSizes = [1, 2, 3, 7, 63, 64, 65, 4096]

/// The error that `body` throws; nil when it throws none or another type.
func failure(_ body: () throws -> Void) -> SluiceError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SluiceError
  }
}
