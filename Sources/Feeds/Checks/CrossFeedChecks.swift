import Intake
import Streams
import Targets

/// Checks that need all feeds of a project.
enum CrossFeedChecks {
  /// What is wrong among `feeds`.
  static func problems(among feeds: [LoadedFeed]) -> [SluiceError] {
    names(feeds) + patterns(feeds) + columns(feeds)
  }

  private static func problem(
    _ code: String, in feed: LoadedFeed, at position: Position?, _ cause: String, remedy: String
  ) -> SluiceError {
    SluiceError(.definition, code, file: feed.definition.path, position: position, cause: cause, remedy: remedy)
  }

  private static func names(_ feeds: [LoadedFeed]) -> [SluiceError] {
    var problems: [SluiceError] = []
    var owners: [String: LoadedFeed] = [:]
    for feed in feeds {
      let name = feed.definition.name
      if let other = owners[name] {
        problems.append(
          problem(
            "feed-duplicate", in: feed, at: feed.namePosition,
            "the feed \"\(name)\" is defined in \(other.definition.path) too", remedy: "give one of them another name"))
      } else {
        owners[name] = feed
      }
    }
    var heirs: [String: LoadedFeed] = [:]
    for feed in feeds {
      guard let former = feed.definition.formerName else { continue }
      if let other = owners[former] ?? heirs[former] {
        let cause =
          owners[former] != nil
          ? "a feed \"\(former)\" still exists in \(other.definition.path)"
          : "\(other.definition.path) takes over the snapshot of \"\(former)\" too"
        problems.append(
          problem(
            "formerly-taken", in: feed, at: feed.formerlyPosition, cause,
            remedy: "drop formerly; one feed only can take over a snapshot"))
      }
      heirs[former] = heirs[former] ?? feed
    }
    return problems
  }

  private static func patterns(_ feeds: [LoadedFeed]) -> [SluiceError] {
    var problems: [SluiceError] = []
    var owners: [String: LoadedFeed] = [:]
    for feed in feeds {
      for pattern in feed.definition.patterns {
        if let other = owners[pattern.match], other.definition.path != feed.definition.path {
          problems.append(
            problem(
              "pattern-duplicate", in: feed, at: pattern.position,
              "the feed \(other.definition.name) has the same file pattern, so that its drops would match two feeds",
              remedy: "make the patterns differ, or write more targets into one feed"))
        } else {
          owners[pattern.match] = feed
        }
      }
    }
    return problems
  }

  /// A column that a feed writes: several feeds may not write the same one, since each would undo the other.
  private struct ColumnUse: Hashable {
    var store: String
    var entity: String
    var storeView: String
    var column: String
  }

  private static func columns(_ feeds: [LoadedFeed]) -> [SluiceError] {
    var problems: [SluiceError] = []
    var owners: [ColumnUse: LoadedFeed] = [:]
    for feed in feeds {
      for target in feed.definition.targets where target.system == .commerce {
        let shared = CommerceEntity.named(target.entity)?.sharedColumns ?? []
        let rows = [("", target.columns)] + target.rows.map { ($0.storeViewCode, $0.columns) }
        for (storeView, columns) in rows {
          for column in columns where !shared.contains(column.name) && !target.once.contains(column.name) {
            let use = ColumnUse(
              store: feed.definition.store, entity: target.entity, storeView: storeView, column: column.name)
            if let other = owners[use], other.definition.path != feed.definition.path {
              let place = storeView.isEmpty ? "" : " for the store view \(storeView)"
              problems.append(
                problem(
                  "column-conflict", in: feed, at: column.position,
                  "the feed \(other.definition.name) writes \(column.name) of \(target.entity)\(place) too",
                  remedy: "let one feed own the column; others leave it out, list it under once, or name their store"))
            } else {
              owners[use] = feed
            }
          }
        }
      }
    }
    return problems
  }
}
