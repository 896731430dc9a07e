import ArgumentParser

/// The same by its name, for those who write out what they mean.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start the service, as without a subcommand.")

    @OptionGroup var options: Options

    func validate() throws {
        // What comes before a subcommand is read for the program and would not reach this one.
        guard CommandLine.arguments.dropFirst().first == "serve" else {
            throw ValidationError("options go after 'serve', or without it")
        }
    }

    func run() throws {
        try ServiceRunner.run(options)
    }
}
