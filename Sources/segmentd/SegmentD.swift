import ArgumentParser

/// The program: a daemon that plays raw TCP endpoints.
@main
struct SegmentD: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segmentd",
        abstract: "Plays raw TCP endpoints, driven over HTTP and JSON.",
        usage: "segmentd [serve] [<option> ...]",
        discussion: """
            Starts the service. Then, for example:
              curl -X POST localhost:8080/endpoints -d '{"role":"server"}'
              curl -X POST localhost:8080/endpoints -d '{"role":"client"}'
              curl 'localhost:8080/segments?endpoint=server&limit=3'
            Raw sockets need CAP_NET_RAW; GET /readyz says what is missing.
            """,
        version: BuildInformation.version,
        subcommands: [Serve.self])

    @OptionGroup var options: Options

    func run() throws {
        try ServiceRunner.run(options)
    }
}
