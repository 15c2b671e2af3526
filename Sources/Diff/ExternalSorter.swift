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
  /// Runs are sorted and spilled on a thread of their own while the next one fills; each has half of the memory.
  private let isConcurrent: Bool
  private var job: SpillJob?
  /// Always the same object, so that nothing is counted for each entry; what it holds is exchanged.
  private let run: EntryRun
  private var spills: [Spill] = []
  private var firstKey: [UInt8] = []
  private var commonPrefix = 0
  /// Entries appended so far.
  @exclusivity(unchecked) public private(set) var count = 0
  /// Runs spilled so far, those of intermediate merges included; 0 while everything fits in memory.
  public private(set) var spilledRuns = 0

  /// A sorter that spills into `directory`, which must exist, and uses about `memory` bytes; `concurrent` lets it spill
  /// on a thread of its own.
  public convenience init(directory: String, memory: Int = 24 << 20, concurrent: Bool = false) {
    // A second pass over all entries costs more than smaller reads do, down to these.
    let fanIn = min(max(memory / (32 << 10), 64), 256)
    self.init(directory: directory, memory: memory, fanIn: fanIn, concurrent: concurrent)
  }

  /// A sorter that merges at most `fanIn` runs (2 or more) at once.
  init(directory: String, memory: Int, fanIn: Int, concurrent: Bool = false) {
    self.directory = directory
    self.memory = memory
    self.fanIn = max(fanIn, 2)
    isConcurrent = concurrent
    run = EntryRun(memory: concurrent ? memory / 2 : memory)
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

  /// Adds an entry whose payload are the bytes of `fixed` and then `rest`.
  @inline(__always)
  public func append<Fixed: BitwiseCopyable>(key: ByteView, fixed: Fixed, rest: ByteView) throws(SluiceError) {
    if !run.append(key: key, fixed: fixed, rest: rest) {
      try spill()
      _ = run.append(key: key, fixed: fixed, rest: rest)
    }
    count &+= 1
  }

  /// Ends the input and hands out the entries in order. The sorter is empty afterwards and may be filled again.
  public func finish() throws(SluiceError) -> SortedEntries {
    let total = count
    count = 0
    if spills.isEmpty, job == nil {
      run.sort()
      let sorted = EntryRun(memory: runMemory)
      sorted.exchange(with: run)
      return SortedEntries(sorted)
    }
    if run.count > 0 { try spill() }
    _ = try collect()
    // The block and the buffers of the merge must not be held at the same time.
    run.exchange(with: EntryRun(memory: 0))
    defer {
      spills = []
      run.exchange(with: EntryRun(memory: runMemory))
    }
    while spills.count > fanIn { try mergeNewest(min(fanIn, spills.count - fanIn + 1)) }
    return SortedEntries(try merger(spills, room: bufferRoom), count: total)
  }

  // MARK: - Runs

  private var runMemory: Int { isConcurrent ? memory / 2 : memory }

  @inline(never)
  private func spill() throws(SluiceError) {
    let full = try collect() ?? EntryRun(memory: isConcurrent ? runMemory : 0)
    full.exchange(with: run)
    let started = SpillJob(full, directory: directory, room: bufferRoom)
    job = started
    if isConcurrent {
      started.start()
    } else {
      try started.run()
      if let emptied = try collect() { run.exchange(with: emptied) }
    }
  }

  /// Takes over the run that was being spilled, when there is one, and gives its memory back empty.
  private func collect() throws(SluiceError) -> EntryRun? {
    guard let finished = job else { return nil }
    job = nil
    let file = try finished.result()
    let spilled = finished.entries
    if spills.isEmpty {
      firstKey = spilled.firstKey.array
      commonPrefix = spilled.commonPrefix
    } else {
      let limit = min(commonPrefix, spilled.commonPrefix)
      commonPrefix = firstKey.withView { EntryRun.sharedPrefix($0, spilled.firstKey, limit: limit) }
    }
    spilledRuns += 1
    spills.append(Spill(file: file, level: 0))
    spilled.removeAll()
    guard spills.count >= fanIn else { return spilled }
    while spills.count >= fanIn, spills.suffix(fanIn).allSatisfy({ $0.level == spills[spills.count - 1].level }) {
      try mergeNewest(fanIn)
    }
    return spilled
  }

  /// Merges the newest `number` runs into one. Only neighbours may be merged: equal keys keep their order.
  private func mergeNewest(_ number: Int) throws(SluiceError) {
    let newest = Array(spills.suffix(number))
    // The run that is being filled stays in memory meanwhile.
    let room = max(bufferRoom / 8, 1 << 10)
    let merger = try merger(newest, room: room)
    let output = RunOutput(try RunFile.temporary(in: directory), room: room)
    while try merger.next() { try output.append(merger.entry) }
    try output.flush()
    spills.removeLast(number)
    spills.append(Spill(file: output.file, level: (newest.map(\.level).max() ?? 0) + 1))
    spilledRuns += 1
  }

  private func merger(_ spills: [Spill], room: Int) throws(SluiceError) -> RunMerger {
    try RunMerger(spills.map(\.file), commonPrefix: commonPrefix, room: room)
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
