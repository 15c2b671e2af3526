import ArgumentParser

@main
struct Sluice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sluice", abstract: "File-drop batch ETL.")
}
