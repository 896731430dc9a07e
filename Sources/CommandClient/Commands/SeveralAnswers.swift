import JSONText

/// Asking the same of several things, one after the other.
enum SeveralAnswers {
    /// The answers to all requests, shown as they come where that is JSON, one a line; else returned.
    static func ask(
        _ requests: [ClientRequest], _ client: ServiceClient, on screen: Screen
    ) throws(ClientFailure) -> [JSONValue] {
        var answers: [JSONValue] = []
        for request in requests {
            let answer = try client.ask(request)
            if screen.format == .json {
                try screen.show(answer)
            } else {
                answers.append(answer.json)
            }
        }
        return answers
    }
}
