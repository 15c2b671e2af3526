extension DigestKey {
  /// The key as 32 hex digits.
  public var hex: String {
    [first, second].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// The key from its 32 hex digits; nil for anything else.
  public init?(hex: String) {
    guard hex.utf8.count == 32, let first = UInt64(hex.prefix(16), radix: 16),
      let second = UInt64(hex.dropFirst(16), radix: 16)
    else { return nil }
    self.init(first: first, second: second)
  }
}
