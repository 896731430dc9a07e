import JSONText

/// A problem of the service's (RFC 9457) as lines for standard error.
enum ProblemText {
    /// `places` names the option that a pointer into the request stands for.
    static func lines(_ problem: JSONValue, status: Int, places: [String: String] = [:]) -> String {
        guard let title = problem["title"]?.string else { return "the service answers \(status)" }
        var lines = ["\(title) (\(status))"]
        let violations = (problem["violations"] ?? .null).elements
        let told = violations.map { line($0, places) }
        // The detail of a sole violation says the same again.
        if let detail = problem["detail"]?.string, told.count != 1 { lines.append("  " + PlainText.safe(detail)) }
        lines += told
        if let option = problem["option"]?.string { lines.append("  the service allows it with \(option)") }
        for check in (problem["checks"] ?? .null).elements where check["ok"]?.bool == false {
            if let remedy = check["remedy"]?.string { lines.append("  \(check["name"]?.plain ?? ""): \(remedy)") }
        }
        return lines.map(PlainText.safe).joined(separator: "\n")
    }

    private static func line(_ violation: JSONValue, _ places: [String: String]) -> String {
        let detail = violation["detail"]?.plain ?? ""
        if let pointer = violation["pointer"]?.string {
            if let option = places[pointer] { return "  \(option): \(detail)" }
            return "  \(pointer.isEmpty ? "the body" : pointer): \(detail)"
        }
        if let parameter = violation["parameter"]?.string {
            return "  \(places["?" + parameter] ?? parameter): \(detail)"
        }
        return "  \(violation["header"]?.string ?? "a header"): \(detail)"
    }
}
