import ArgumentParser

/// Starts the service.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Start the service; --help lists its options.",
        usage: "segmentd [serve] [<options>]",
        discussion: "Raw sockets need CAP_NET_RAW; 'segmentd status' says what is missing.")

    @OptionGroup var options: Options

    func run() throws {
        try ServiceRunner.run(options)
    }
}
