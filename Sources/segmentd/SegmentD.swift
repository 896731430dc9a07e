import ArgumentParser

/// The program: a daemon that plays raw TCP endpoints.
@main
struct SegmentD: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segmentd",
        abstract: "Plays raw TCP endpoints, driven over HTTP and JSON.",
        discussion: """
            Starts the service; then, for example:
              curl -X POST localhost:8080/endpoints -d '{"role":"server"}'
              curl -X POST localhost:8080/endpoints -d '{"role":"client"}'
              curl 'localhost:8080/segments?endpoint=server&limit=3'
            Raw sockets need CAP_NET_RAW; GET /readyz says what is missing.
            """,
        version: "\(BuildInformation.version)",
        subcommands: [Serve.self],
        defaultSubcommand: Serve.self)
}
