import Foundation

/// A Sluice project, copied from a template, in which a day can be run again and again.
struct Project {
  /// The release binary.
  let sluice: String
  /// The directory.
  let path: String

  /// A fresh project after the template.
  init(sluice: String, template: String, at path: String) throws {
    self.sluice = sluice
    self.path = path
    Files.remove(path)
    try Files.copy(template, to: path)
    try Files.makeFresh("\(path)/inbox")
  }

  /// A project that is there already.
  private init(sluice: String, at path: String) {
    self.sluice = sluice
    self.path = path
  }

  /// The command that processes what is in the inbox.
  func run(_ options: [String] = []) -> [String] {
    [sluice, "run", "--json", "--quiet", "--project", path] + options
  }

  /// Puts a file into the inbox by a second name: Sluice never writes into a drop.
  func drop(_ file: String) throws {
    try Files.link(file, to: "\(path)/inbox/\(URL(fileURLWithPath: file).lastPathComponent)")
  }

  /// Takes away what a later run never reads: archived drops and what was published.
  func trim() throws {
    for name in ["archive", "outbox/commerce", "outbox/bi", "outbox/edm"] where Files.exists("\(path)/\(name)") {
      try Files.makeFresh("\(path)/\(name)")
    }
  }

  /// The same project at another place, in place of what is there. Snapshots are written once and never changed, so
  /// that they are linked.
  func copy(to other: String) throws -> Project {
    Files.remove(other)
    try Files.makeDirectory(other)
    for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != "snapshots" {
      try Files.copy("\(path)/\(name)", to: other)
    }
    if Files.exists("\(path)/snapshots") { try Measured.succeed(["cp", "-al", "\(path)/snapshots", other]) }
    return Project(sluice: sluice, at: other)
  }

  /// Bytes of the published files and of the segments with this drop's number.
  func bytes(ofDrop number: Int) -> (outputs: Int, snapshot: Int) {
    let prefix = String(format: "%08d", number)
    func total(_ directory: String) -> Int {
      Files.all(below: "\(path)/\(directory)").filter { $0.split(separator: "/").last?.hasPrefix(prefix) == true }
        .reduce(0) { $0 + Files.size($1) }
    }
    return (total("outbox"), total("snapshots"))
  }
}
