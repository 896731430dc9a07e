import HTTPMessage

/// Which media type a client takes of those we have to give (RFC 9110 §12.5.1).
enum ContentNegotiation {
    /// Throws a 406 unless `Accept` lets one of the types pass; no `Accept` does.
    static func check(_ request: HTTPRequest, takes types: [String]) throws(Problem) {
        guard request.headers.count(of: "Accept") > 0, preferred(of: types, by: request) == nil else { return }
        throw Problem(.notAcceptable, detail: "there is \(types.joined(separator: " and ")) only")
    }

    /// The type that `Accept` gives the most weight, the first of those as good as each other; `nil` when it takes none.
    static func preferred(of types: [String], by request: HTTPRequest) -> String? {
        let fields = request.headers.values(of: "Accept")
        let ranges = fields.joined(separator: ",").split(separator: ",").compactMap { MediaRange($0) }
        // No field, and a list without an element, state no preference.
        guard !ranges.isEmpty else { return types.first }
        var best: (type: String, weight: Int)?
        for type in types {
            // The range that says most about the type counts.
            let fitting = ranges.filter { $0.precision(for: type) > 0 }
            let weight = fitting.max { $0.precision(for: type) < $1.precision(for: type) }?.weight ?? 0
            if weight > best?.weight ?? 0 { best = (type: type, weight: weight) }
        }
        return best?.type
    }

    /// One element of `Accept`.
    private struct MediaRange {
        var name: Substring
        /// In thousandths.
        var weight = 1000

        init?(_ text: Substring) {
            let parts = text.lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            guard let name = parts.first else { return nil }
            self.name = name
            for part in parts.dropFirst() where part.hasPrefix("q=") {
                weight = Self.thousandths(part.dropFirst(2))
            }
        }

        /// How closely it names a type: 0 not at all, 3 exactly.
        func precision(for type: String) -> Int {
            if name == type { return 3 }
            if name == type.prefix(while: { $0 != "/" }) + "/*" { return 2 }
            return name == "*/*" ? 1 : 0
        }

        /// A weight such as `0.5`; what is none counts as 1.
        private static func thousandths(_ text: Substring) -> Int {
            guard let value = Double(text), (0...1).contains(value) else { return 1000 }
            return Int(value * 1000)
        }
    }
}
