/// A command that shows tables or JSON, as the user wants it.
protocol ShowingCommand: ClientCommand {
    var output: OutputOptions { get }
}

extension ShowingCommand {
    var wantedFormat: OutputFormat? { output.format }
}
