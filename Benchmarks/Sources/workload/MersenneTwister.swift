/// MT19937 (Matsumoto, Nishimura 1998) as Python's `random.Random(seed)` drives it, so that a shuffle gives the order
/// that Python's gives.
struct MersenneTwister {
  private var state = [UInt32](repeating: 0, count: 624)
  private var index = 624

  /// Seeded with `init_by_array` over one word, as Python does for a seed below 2^32.
  init(seed: UInt32) {
    state[0] = 19_650_218
    for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ (state[i - 1] >> 30)) &+ UInt32(i) }
    var i = 1
    for _ in 0..<624 {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* 1_664_525)) &+ seed
      i += 1
      if i >= 624 {
        state[0] = state[623]
        i = 1
      }
    }
    for _ in 0..<623 {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* 1_566_083_941)) &- UInt32(i)
      i += 1
      if i >= 624 {
        state[0] = state[623]
        i = 1
      }
    }
    state[0] = 0x8000_0000
  }

  private mutating func refill() {
    for i in 0..<624 {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7FFF_FFFF)
      state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    index = 0
  }

  /// 32 random bits.
  mutating func next() -> UInt32 {
    if index >= 624 { refill() }
    var y = state[index]
    index += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  /// A number in `0..<bound`, by Python's rejection of `bound.bit_length()` bits.
  mutating func below(_ bound: UInt32) -> UInt32 {
    let shift = UInt32(bound.leadingZeroBitCount)
    while true {
      let number = next() >> shift
      if number < bound { return number }
    }
  }

  /// Shuffles as `random.shuffle` does.
  mutating func shuffle(_ items: inout [UInt32]) {
    guard items.count > 1 else { return }
    for i in stride(from: items.count - 1, through: 1, by: -1) { items.swapAt(i, Int(below(UInt32(i + 1)))) }
  }
}
