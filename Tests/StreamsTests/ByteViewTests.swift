import Streams
import TestSupport
import Testing

@Suite("Views of bytes")
struct ByteViewTests {
  @Test("Are ordered as their bytes are, a prefix before the longer", arguments: 1...20)
  func order(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let length = Int.random(in: 0...40, using: &generator)
      let shared = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let ends = (0..<2).map { _ in
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in UInt8.random(in: 126...129, using: &generator) }
      }
      let (left, right) = (shared + ends[0], shared + ends[1])
      let order = left.withView { one in right.withView { two in ByteView.compare(one, two) } }
      let expected = left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
      #expect(order.signum() == expected, "\(left) against \(right)")
    }
  }

  @Test("Of two arenas change places with their arenas' bytes")
  func exchange() {
    let (one, two) = (ByteArena(capacity: 64), ByteArena(capacity: 64))
    one.append("first")
    one.exchange(with: two)
    #expect(one.count == 0)
    #expect(two.view.text == "first")
    one.append("second")
    one.exchange(with: two)
    #expect((one.view.text, two.view.text) == ("first", "second"))
  }
}
