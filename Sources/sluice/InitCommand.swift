import ArgumentParser
import Intake
import Pipeline
import Sniffing
import Streams

/// `sluice init`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write feed definitions from sample files.",
    discussion: """
      Tells from each sample how it is written (encoding, delimiter, quote, header or record element, numbers, dates)
      and what its columns hold, reads all of its rows, and writes feeds/NAME.yaml with comments that say how sure each
      guess is. Samples that differ only in date, number or mode of their names become one feed. A definition is
      checked and tried on the samples before it is left there. Nothing is ever replaced.

      Examples:
        sluice init /tmp/INV_20261123.csv.gz
        sluice init exports/*.csv --project /srv/shop
        sluice init catalogue.xml --feed pim --json
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var clock: ClockOption

  @Argument(help: "Files like those that will be dropped, plain or gzip.")
  var sample: [String]

  @Option(help: ArgumentHelp("The name of the feed, when all samples are of one.", valueName: "name"))
  var feed: String?

  @Flag(name: .customLong("print"), help: "Print the definitions instead of writing them.")
  var prints = false

  func run() throws {
    let now = try clock.seconds() ?? UTCTime.now()
    if let feed { try validate(name: feed) }
    try global.attempt { () throws(SluiceError) in
      let project = try NewDefinitions(directory: global.project)
      let feeds: [SniffedFeed]
      if let feed {
        feeds = [try Sniffer.feed(samples: sample, name: feed, now: now)]
      } else {
        feeds = try Sniffer.feeds(samples: sample, now: now)
      }
      if !prints {
        try project.check(feeds)
        try project.write(feeds)
      }
      try Console.printing { try show(feeds, in: project) }
    }
  }

  private func validate(name: String) throws {
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x5F: true
      default: false
      }
    }
    guard isName, !name.isEmpty, name.utf8.count <= 64, name.first != "-", name.first != "_" else {
      Console.error("--feed: a name of at most 64 letters a to z, digits, - and _, such as erp-inventory")
      throw CommandExit.definition
    }
  }

  private func show(_ feeds: [SniffedFeed], in project: NewDefinitions) throws {
    if prints, !global.json {
      for feed in feeds { Console.line(String(feed.text.dropLast())) }
      return
    }
    for feed in feeds {
      let path = prints ? nil : project.path(of: feed.name)
      if global.json {
        try Console.json(Shown(path: path, report: feed.report))
      } else if !global.quiet {
        for line in InitPrinter.lines(feed.report, path: path ?? feed.name) { Console.line(line) }
      }
      for line in InitPrinter.warnings(feed.report) where !global.json { Console.error(line) }
    }
    if !global.json, !global.quiet {
      if project.isNew { Console.line("sluice.yaml was made: this directory is a project now") }
      Console.line("look through the comments, then: sluice check, sluice preview FILE, sluice run FILE")
    }
  }

  /// A report with the path of the definition.
  private struct Shown: Encodable {
    var path: String?
    var report: SniffedFeed.Report

    private enum Key: String, CodingKey { case path }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeIfPresent(path, forKey: .path)
      try report.encode(to: encoder)
    }
  }
}
