import Streams

/// Sorts entries of a key and a payload by the key's bytes in bounded memory.
///
/// Keys compare byte by byte, a prefix before the longer; entries with equal keys keep the order of their arrival.
/// What does not fit into memory is spilled as sorted runs into files without names, so that a crash leaves nothing.
public final class ExternalSorter {
  /// A spilled run and how many times its entries were merged.
  private struct Spill {
    var file: RunFile
    var level: Int
  }

  private let directory: String
  private let memory: Int
  private let fanIn: Int
  @exclusivity(unchecked) private var run: EntryRun
  private var spills: [Spill] = []
  private var firstKey: [UInt8] = []
  private var commonPrefix = 0
  /// Entries appended so far.
  @exclusivity(unchecked) public private(set) var count = 0
  /// Runs spilled so far, those of intermediate merges included; 0 while everything fits in memory.
  public private(set) var spilledRuns = 0

  /// A sorter that spills into `directory`, which must exist, and uses about `memory` bytes.
  public convenience init(directory: String, memory: Int = 24 << 20) {
    self.init(directory: directory, memory: memory, fanIn: 64)
  }

  /// A sorter that merges at most `fanIn` runs (2 or more) at once.
  init(directory: String, memory: Int, fanIn: Int) {
    self.directory = directory
    self.memory = memory
    self.fanIn = max(fanIn, 2)
    run = EntryRun(memory: memory)
  }

  /// Adds an entry. Either part may be empty; each must be shorter than 4 GiB.
  @inline(__always)
  public func append(key: ByteView, payload: ByteView) throws(SluiceError) {
    if !run.append(key: key, payload: payload) {
      try spill()
      _ = run.append(key: key, payload: payload)
    }
    count &+= 1
  }

  /// Ends the input and hands out the entries in order. The sorter is empty afterwards and may be filled again.
  public func finish() throws(SluiceError) -> SortedEntries {
    let total = count
    count = 0
    if spills.isEmpty {
      run.sort()
      let sorted = SortedEntries(run)
      run = EntryRun(memory: memory)
      return sorted
    }
    if run.count > 0 { try spill() }
    // The block and the buffers of the merge must not be held at the same time.
    run = EntryRun(memory: 0)
    defer {
      spills = []
      run = EntryRun(memory: memory)
    }
    while spills.count > fanIn { try mergeNewest(min(fanIn, spills.count - fanIn + 1)) }
    return SortedEntries(try merger(spills), count: total)
  }

  // MARK: - Runs

  @inline(never)
  private func spill() throws(SluiceError) {
    run.sort()
    if spills.isEmpty {
      firstKey = run.firstKey.array
      commonPrefix = run.commonPrefix
    } else {
      let limit = min(commonPrefix, run.commonPrefix)
      commonPrefix = firstKey.withView { EntryRun.sharedPrefix($0, run.firstKey, limit: limit) }
    }
    let output = RunOutput(try RunFile.temporary(in: directory), room: bufferRoom)
    for ordinal in 0..<run.count {
      if ordinal % EntryRun.batch == 0 { run.touch(from: ordinal) }
      try output.append(run.entry(ordinal))
    }
    try output.flush()
    run.removeAll()
    spilledRuns += 1
    spills.append(Spill(file: output.file, level: 0))
    while spills.count >= fanIn, spills.suffix(fanIn).allSatisfy({ $0.level == spills[spills.count - 1].level }) {
      // The block is empty now, so its memory serves the merge.
      run = EntryRun(memory: 0)
      try mergeNewest(fanIn)
      run = EntryRun(memory: memory)
    }
  }

  /// Merges the newest `number` runs into one. Only neighbours may be merged: equal keys keep their order.
  private func mergeNewest(_ number: Int) throws(SluiceError) {
    let newest = Array(spills.suffix(number))
    let merger = try merger(newest)
    let output = RunOutput(try RunFile.temporary(in: directory), room: bufferRoom)
    while try merger.next() { try output.append(merger.entry) }
    try output.flush()
    spills.removeLast(number)
    spills.append(Spill(file: output.file, level: (newest.map(\.level).max() ?? 0) + 1))
    spilledRuns += 1
  }

  private func merger(_ spills: [Spill]) throws(SluiceError) -> RunMerger {
    try RunMerger(spills.map(\.file), commonPrefix: commonPrefix, room: bufferRoom)
  }

  private var bufferRoom: Int { min(max(memory / (fanIn + 2), 1 << 10), 256 << 10) }
}

/// The entries of an `ExternalSorter` in order, once through.
public final class SortedEntries {
  private let run: EntryRun?
  private let merger: RunMerger?
  private var ordinal = -1
  /// Entries in all.
  public let count: Int
  /// The current key; valid until the next `next()`.
  @exclusivity(unchecked) public private(set) var key = ByteView()
  /// The current payload; valid until the next `next()`.
  @exclusivity(unchecked) public private(set) var payload = ByteView()

  /// The entries of a sorted run in memory.
  fileprivate init(_ run: EntryRun) {
    self.run = run
    merger = nil
    count = run.count
  }

  /// The entries of merged runs.
  fileprivate init(_ merger: RunMerger, count: Int) {
    run = nil
    self.merger = merger
    self.count = count
  }

  /// Goes to the next entry; false at the end, where `key` and `payload` mean nothing.
  public func next() throws(SluiceError) -> Bool {
    if let merger {
      guard try merger.next() else { return false }
      key = merger.key
      payload = merger.payload
      return true
    }
    guard let run, ordinal + 1 < run.count else { return false }
    ordinal += 1
    if ordinal % EntryRun.batch == 0 { run.touch(from: ordinal) }
    key = run.key(ordinal)
    payload = run.payload(ordinal)
    return true
  }
}
