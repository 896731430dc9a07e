import ArgumentParser
import JSONText

/// One segment, octet by octet.
struct ShowSegment: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all about a segment, octet by octet.",
        usage: "segmentd segments show <n> [<options>]")

    @Argument(help: .init("Its number.", valueName: "n"), transform: { try Number.parse($0, in: 1...Int.max) })
    var segment: Int

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answer = try client.ask(ClientRequest("GET", "segments", String(segment)))
        if screen.format == .json {
            try screen.show(answer)
            return .success
        }
        try screen.show(Facts.table(answer.json, without: ["octets", "fields"]))
        try screen.show([""])
        try screen.show(
            OctetMap.table(
                octets: answer.json["octets"]?.plain ?? "", fields: (answer.json["fields"] ?? .null).elements))
        return .success
    }
}
