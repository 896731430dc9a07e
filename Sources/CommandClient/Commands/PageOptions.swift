import ArgumentParser
import JSONText

/// Which part of a list is shown.
struct PageOptions: ParsableArguments {
    private static let limits = 1...10_000

    @Option(
        help: .init("How many at most. (default: 100)", valueName: "n"),
        transform: { try Number.parse($0, in: Self.limits) })
    var limit: Int?

    @Option(
        help: .init("The 'next' of the page before.", valueName: "n"),
        transform: { try Number.parse($0, in: 0...Int.max) })
    var after: Int?

    /// Shows the page of a list, which is the member of the answer that has the list's name.
    func show(
        _ list: String, _ client: ServiceClient, on screen: Screen, as table: ([JSONValue]) -> Table
    ) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("GET", list)
        request.ask("limit", limit)
        request.ask("after", after)
        let answer = try client.ask(request)
        if screen.format == .json {
            try screen.show(answer)
            return .success
        }
        try screen.show(table((answer.json[list] ?? .null).elements))
        if let next = answer.json["next"] { try screen.show(["there are more: --after \(next.plain)"]) }
        return .success
    }
}
