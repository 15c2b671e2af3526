/// One line of `sluice run --json`, as far as it is checked.
struct DropReport: Decodable {
  struct Target: Decodable {
    var target: String
    var new: Int
    var changed: Int
    var removed: Int

    /// Event targets count what fired instead; for them these stay 0.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      target = try container.decode(String.self, forKey: .target)
      new = try container.decodeIfPresent(Int.self, forKey: .new) ?? 0
      changed = try container.decodeIfPresent(Int.self, forKey: .changed) ?? 0
      removed = try container.decodeIfPresent(Int.self, forKey: .removed) ?? 0
    }

    private enum CodingKeys: String, CodingKey { case target, new, changed, removed }
  }

  var status: String
  var reason: String?
  var read: Int
  var rejected: Int
  var targets: [Target]

  private enum CodingKeys: String, CodingKey { case status, reason, read, rejected, targets }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    status = try container.decode(String.self, forKey: .status)
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
    read = try container.decodeIfPresent(Int.self, forKey: .read) ?? 0
    rejected = try container.decodeIfPresent(Int.self, forKey: .rejected) ?? 0
    targets = try container.decodeIfPresent([Target].self, forKey: .targets) ?? []
  }
}
