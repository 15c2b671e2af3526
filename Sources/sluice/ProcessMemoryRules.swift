import CMalloc

/// How the process asks the system for memory.
enum ProcessMemoryRules {
  /// Blocks of this many bytes and more are mapped one by one.
  private static let mappedBlock: Int32 = 128 << 10
  /// Heaps of small blocks; more would only spread what few threads use.
  private static let heaps: Int32 = 2
  /// `M_MMAP_THRESHOLD` and `M_ARENA_MAX` of mallopt(3).
  private static let (threshold, arenas): (Int32, Int32) = (-3, -8)

  /// Gives the buffers of one stage back to the system before the next one takes its own. Left to itself the allocator
  /// keeps them from the first that was freed on: up to 12 MB of a run's peak.
  static func apply() {
    _ = mallopt(threshold, mappedBlock)
    _ = mallopt(arenas, heaps)
  }
}
