import HTTPMessage

/// Whether a client takes what we have to give (RFC 9110 §12.5.1).
enum ContentNegotiation {
    /// Throws a 406 unless `Accept` lets JSON pass; no `Accept` does.
    static func checkJSON(_ request: HTTPRequest) throws(Problem) {
        guard request.headers.count(of: "Accept") > 0 else { return }
        let fields = request.headers.values(of: "Accept")
        let ranges = fields.joined(separator: ",").split(separator: ",").map { range in
            range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        }
        let accepted = ranges.contains { parts in
            guard let type = parts.first, ["*/*", "application/*", "application/json"].contains(type) else {
                return false
            }
            return !parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        }
        // A list without an element states no preference.
        guard accepted || ranges.isEmpty else {
            throw Problem(.notAcceptable, detail: "there is application/json only")
        }
    }
}
