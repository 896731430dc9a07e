import ArgumentParser
import JSONText

/// The names of the endpoints that there are, for shells that complete a command.
enum EndpointNames {
    private static let patience = WaitTime(milliseconds: 1_000)
    private static let options: Set = ["--url", "--unix-socket", "--token-file", "--cacert"]

    /// Asks the service that the words typed so far, or the environment, lead to; none where it does not answer.
    static let completion = CompletionKind.custom { words, _, _ in
        var arguments = ["--timeout", patience.text]
        for (option, value) in zip(words, words.dropFirst()) where options.contains(option) {
            arguments += [option, value]
        }
        var request = ClientRequest("GET", "endpoints")
        request.ask("limit", 1_000)
        guard let client = try? ConnectionOptions.parse(arguments).client(), let answer = try? client.ask(request)
        else { return [] }
        return (answer.json["endpoints"] ?? .null).elements.compactMap { $0["id"]?.string }
    }
}
