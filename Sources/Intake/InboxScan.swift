import Glibc
import Streams

/// What intake knows of a feed.
package struct IntakeFeed: Sendable {
  /// The feed's name.
  package let name: String
  /// Its patterns; their index is the pattern's number everywhere.
  package let patterns: [CompiledPattern]
  /// When its files are taken.
  package let rules: IntakeRules
  /// The marker that it wants.
  package let marker: MarkerName?
  /// The names that its reject files may have been called by, should they come back; none: they can not.
  package let rejectNames: [String]

  /// Compiles the patterns of a feed. Throws `pattern-invalid`, `as-of-time-missing`, `marker-invalid`.
  package init(
    name: String, patterns: [FilePattern], rules: IntakeRules, rejectNames: [String] = []
  ) throws(SluiceError) {
    var compiled: [CompiledPattern] = []
    for pattern in patterns { compiled.append(try CompiledPattern(pattern)) }
    try CompiledPattern.checkTogether(compiled)
    self.name = name
    self.patterns = compiled
    self.rules = rules
    self.rejectNames = rejectNames
    marker = if let template = rules.marker { try MarkerName(template) } else { nil }
  }
}

/// A file of the inbox that belongs to exactly one feed.
package struct Candidate: Equatable, Sendable {
  /// The name in the inbox.
  package var name: String
  /// Its state when it was looked at.
  package var identity: FileIdentity
  /// The feed.
  package var feed: String
  /// Index of the pattern in the feed; -1 when none matches, which only a reject file that comes back may have.
  package var pattern: Int
  /// What the name says.
  package var match: PatternMatch
  /// The name of its marker, when the feed wants one (it is there).
  package var marker: String?
  /// The drop whose corrected rejects it may hold, by its name, and that drop's feed; nil: it is a drop of its own.
  /// While a pattern is named as well, what the file holds decides.
  package var parent: Int?
  package var parentFeed: String?

  /// A candidate.
  package init(
    name: String, identity: FileIdentity, feed: String, pattern: Int, match: PatternMatch, marker: String? = nil,
    parent: RejectFileName? = nil
  ) {
    self.name = name
    self.identity = identity
    self.feed = feed
    self.pattern = pattern
    self.match = match
    self.marker = marker
    self.parent = parent?.drop
    parentFeed = parent?.feed
  }
}

/// What one look at the inbox found.
package struct InboxListing: Equatable, Sendable {
  /// Files of exactly one feed whose marker is there, in byte order of their names.
  package var candidates: [Candidate] = []
  /// What cannot be taken, with the reason. Ignored names are in neither list.
  package var waiting: [WaitingFile] = []
  /// Those of the waiting ones that lack nothing but their marker.
  package var unmarked: [Candidate] = []

  /// An empty listing.
  package init() {}
}

/// Looks at the inbox and gives each file to its feed.
package struct InboxScan: Sendable {
  private let feeds: [IntakeFeed]

  /// A scan for these feeds.
  package init(feeds: [IntakeFeed]) { self.feeds = feeds }

  /// The pattern of a feed that a name matches.
  package struct PatternHit: Equatable, Sendable {
    /// The feed, the index of its pattern, and what the name says.
    package let feed: String
    package let pattern: Int
    package let match: PatternMatch
  }

  /// What a name means by itself.
  package enum Assignment: Equatable, Sendable {
    /// A temporary or companion name, or the marker of a feed's file.
    case ignored
    /// The one feed, the index of its pattern, and what the name says.
    case feed(String, pattern: Int, PatternMatch)
    /// A reject file of a feed that comes back; with what the patterns say of the name, should one match as well.
    case rejects(RejectFileName, otherwise: PatternHit?)
    /// None or several.
    case waiting(WaitingFile)
  }

  /// Lists the directory `inbox`, without going into subdirectories and without following links. Names are only
  /// matched. Throws `.environment` when the directory cannot be read.
  package func list(_ inbox: String) throws(SluiceError) -> InboxListing {
    let descriptor = try FileCalls.openDirectory(inbox)
    defer { close(descriptor) }
    guard let names = try FileCalls.names(in: inbox) else {
      throw SluiceError.system("opendir", path: inbox, errno: ENOENT)
    }
    var listing = InboxListing()
    var regular: [(name: String, identity: FileIdentity)] = []
    for bytes in names {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        if !IgnoredNames.isIgnored(String(decoding: bytes, as: UTF8.self)) {
          listing.waiting.append(
            WaitingFile(
              name: DisplayName.escape(bytes: bytes), reason: .nameNotUTF8, message: "the name is not valid UTF-8"))
        }
        continue
      }
      var status = stat()
      guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        // Its producer has renamed or taken it back since the directory was read.
        if errno == ENOENT { continue }
        throw SluiceError.system("stat", path: "\(inbox)/\(DisplayName.escape(name))", errno: errno)
      }
      if FileCalls.isRegular(status) {
        regular.append((name, FileIdentity(status)))
      } else if !IgnoredNames.isIgnored(name) {
        listing.waiting.append(
          WaitingFile(
            name: DisplayName.escape(name), reason: .notAFile, message: "it is \(InboxScan.kind(status))"))
      }
    }
    assign(regular, into: &listing)
    return listing
  }

  /// What a file of this name would be, markers not looked for.
  package func assignment(of name: String) -> Assignment {
    if IgnoredNames.isIgnored(name) { return .ignored }
    let isMarker = feeds.contains { feed in
      guard let data = feed.marker?.dataName(ofMarker: name) else { return false }
      return feed.patterns.contains { $0.match(data) != nil }
    }
    if isMarker { return .ignored }
    let byPattern = patternAssignment(of: name)
    let names = feeds.flatMap { feed in feed.rejectNames.map { (name: $0, feed: feed.name) } }
    guard let rejects = RejectFileName(name, feeds: names) else { return byPattern }
    guard case .feed(let feed, let pattern, let match) = byPattern else { return .rejects(rejects, otherwise: nil) }
    return .rejects(rejects, otherwise: PatternHit(feed: feed, pattern: pattern, match: match))
  }

  private func patternAssignment(of name: String) -> Assignment {
    let found = feeds.compactMap { feed -> (feed: IntakeFeed, hits: [(pattern: Int, match: PatternMatch)])? in
      let hits = feed.patterns.enumerated().compactMap { index, pattern in
        pattern.match(name).map { (pattern: index, match: $0) }
      }
      return hits.isEmpty ? nil : (feed, hits)
    }
    guard let (feed, hits) = found.first, let first = hits.first else {
      return waiting(name, nil, .noFeed, "no feed's pattern matches the name")
    }
    guard found.count == 1 else {
      let names = found.map(\.feed.name).joined(separator: ", ")
      return waiting(name, nil, .ambiguousFeed, "patterns of several feeds match the name: \(names)")
    }
    let mode = feed.patterns[first.pattern].pattern.mode
    guard hits.allSatisfy({ feed.patterns[$0.pattern].pattern.mode == mode && $0.match == first.match }) else {
      let patterns = hits.map { DisplayName.escape(feed.patterns[$0.pattern].pattern.match) }
      return waiting(
        name, feed.name, .ambiguousPattern,
        "patterns of the feed say different things about the name: \(patterns.joined(separator: ", "))")
    }
    return .feed(feed.name, pattern: first.pattern, first.match)
  }

  private func waiting(_ name: String, _ feed: String?, _ reason: WaitingReason, _ message: String) -> Assignment {
    .waiting(WaitingFile(name: DisplayName.escape(name), feed: feed, reason: reason, message: message))
  }

  private func assign(_ files: [(name: String, identity: FileIdentity)], into listing: inout InboxListing) {
    // Names as bytes: two names that only look the same are two files.
    let present = Set(files.map { Array($0.name.utf8) })
    var markers: Set<[UInt8]> = []
    var unknown: [(name: [UInt8], file: WaitingFile)] = []
    for file in files {
      switch assignment(of: file.name) {
      case .ignored: break
      case .waiting(let waiting): unknown.append((Array(file.name.utf8), waiting))
      case .rejects(let rejects, otherwise: nil):
        // Nobody writes markers for what he corrects by hand.
        listing.candidates.append(
          Candidate(
            name: file.name, identity: file.identity, feed: rejects.feed, pattern: -1, match: PatternMatch(),
            parent: rejects))
      case .rejects(let rejects, otherwise: let hit?):
        let candidate = Candidate(
          name: file.name, identity: file.identity, feed: hit.feed, pattern: hit.pattern, match: hit.match,
          parent: rejects)
        add(candidate, present: present, markers: &markers, to: &listing)
      case .feed(let feed, let pattern, let match):
        let candidate = Candidate(
          name: file.name, identity: file.identity, feed: feed, pattern: pattern, match: match)
        add(candidate, present: present, markers: &markers, to: &listing)
      }
    }
    // A marker under a name of its own is no file without a feed.
    listing.waiting += unknown.filter { !markers.contains($0.name) }.map(\.file)
  }

  /// Adds a file of a feed to the listing, once its marker is `present`, when the feed wants one.
  private func add(
    _ found: Candidate, present: Set<[UInt8]>, markers: inout Set<[UInt8]>, to listing: inout InboxListing
  ) {
    var candidate = found
    if let marker = feeds.first(where: { $0.name == found.feed })?.marker?.marker(of: found.name) {
      markers.insert(Array(marker.utf8))
      guard present.contains(Array(marker.utf8)) else {
        listing.waiting.append(
          WaitingFile(
            name: DisplayName.escape(found.name), feed: found.feed, reason: .markerMissing,
            message: "the marker \(DisplayName.escape(marker)) is not there yet"))
        // A file that is given up is that of the pattern.
        (candidate.parent, candidate.parentFeed) = (nil, nil)
        return listing.unmarked.append(candidate)
      }
      candidate.marker = marker
    }
    listing.candidates.append(candidate)
  }

  private static func kind(_ status: stat) -> String {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFLNK: "a symbolic link"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
