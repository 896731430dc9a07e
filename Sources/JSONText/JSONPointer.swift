/// A place in a JSON text (RFC 6901).
package struct JSONPointer: Hashable, Sendable {
    /// The whole text.
    package static let root = JSONPointer()

    /// Member names and array indices from the root down, not escaped.
    package private(set) var tokens: [String]

    package init(_ tokens: [String] = []) {
        self.tokens = tokens
    }

    package func appending(_ key: String) -> JSONPointer {
        JSONPointer(tokens + [key])
    }

    package func appending(_ index: Int) -> JSONPointer {
        JSONPointer(tokens + [String(index)])
    }

    /// This place, seen from the value that holds its root under `token`.
    func prepending(_ token: String) -> JSONPointer {
        JSONPointer([token] + tokens)
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The pointer with `~` as `~0` and `/` as `~1`; the root is empty.
    package var description: String {
        var text = ""
        for token in tokens {
            text += "/"
            for scalar in token.unicodeScalars {
                switch scalar {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        return text
    }
}
