import Foundation

/// One command that is measured in turn with others.
struct Contender {
  /// What the table calls it.
  var name: String
  /// The command and its arguments.
  var command: [String]
  /// Where its standard output goes; without it, into what was measured.
  var output: String?
  /// What has to be there before a run, made outside the measured time.
  var prepare: () throws -> Void = {}
  /// What is wrong with a run; nothing when all is well.
  var check: (Measured) throws -> [String] = { $0.status == 0 ? [] : ["exit status \($0.status)"] }
}

/// Measures commands in turn: A B A B, or A B C, so that a slow minute of the machine meets all of them.
struct Contest {
  /// Each contender's runs, in the order of the contenders.
  private(set) var series: [Series]
  /// What was wrong, each with the contender's name.
  private(set) var faults: [String] = []

  /// Runs all `contenders` `rounds` times. Every other round goes through them backwards.
  init(_ contenders: [Contender], rounds: Int) throws {
    series = contenders.map { _ in Series() }
    for round in 0..<rounds {
      let order = round % 2 == 0 ? Array(contenders.indices) : contenders.indices.reversed()
      for index in order {
        let contender = contenders[index]
        try contender.prepare()
        // What preparing has dirtied must not be written at the cost of the run.
        sync()
        let run = try Measured.run(contender.command, output: contender.output)
        series[index].add(run)
        faults += try contender.check(run).map { "\(contender.name): \($0)" }
      }
    }
  }
}
