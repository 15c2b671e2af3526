/// What nothing that reads the same file can beat.
enum Limit {
  /// `gzip -dc`.
  static let gzip = "gzip -dc"
  /// `xmllint --stream --noout`.
  static let xmllint = "xmllint --stream"

  /// The limits that apply to day 2 of the data, where their programs are installed.
  static func contenders(for data: Dataset, _ place: Place) -> [Contender] {
    let file = data.files[1]
    let limits = place.product("limits")
    var all = [Contender(name: "read", command: [limits, "read", file])]
    if data.isGzip {
      if place.has("gzip") {
        all.append(Contender(name: gzip, command: ["gzip", "-dc", file], output: "/dev/null"))
      }
    } else if data.feed == "pim" {
      all.append(Contender(name: "memchr scan", command: [limits, "scan", file, "<"]))
      if place.has("xmllint") {
        all.append(Contender(name: xmllint, command: ["xmllint", "--stream", "--noout", file]))
      }
    } else {
      all.append(Contender(name: "memchr scan", command: [limits, "scan", file, data.feed == "inventory" ? ";" : ","]))
    }
    return all
  }
}
