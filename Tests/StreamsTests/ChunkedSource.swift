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

/// Everything that a source gives, asked for in pieces of `piece` bytes.
func readAll(_ source: any ByteSource, piece: Int = 1000) throws -> [UInt8] {
  let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: piece)
  defer { buffer.deallocate() }
  var all: [UInt8] = []
  while true {
    let got = try source.read(into: buffer, upTo: piece)
    if got == 0 { return all }
    all += UnsafeBufferPointer(start: buffer, count: got)
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
