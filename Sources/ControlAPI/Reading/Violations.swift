import HTTPMessage
import JSONText

/// What is wrong with a request, gathered so that a user sees all of it at once.
final class Violations {
    private var found: [Problem.Violation] = []

    var isEmpty: Bool { found.isEmpty }

    func add(_ detail: String, at pointer: JSONPointer) {
        found.append(Problem.Violation(pointer: pointer, detail: detail))
    }

    func add(_ detail: String, parameter: String) {
        found.append(Problem.Violation(parameter: parameter, detail: detail))
    }

    /// Throws a problem that lists everything, if there is anything.
    func check() throws(Problem) {
        guard !found.isEmpty else { return }
        throw Problem(.invalidField, detail: Self.summary(of: found), violations: found)
    }

    private static func summary(of found: [Problem.Violation]) -> String {
        let first = found[0]
        let place =
            switch first.place {
            case .pointer(let pointer): pointer.tokens.isEmpty ? "the body" : pointer.description
            case .parameter(let name): "the parameter \(name)"
            }
        let others = found.count == 1 ? "" : " (and \(found.count - 1) more)"
        return "\(place): \(first.detail)\(others)"
    }
}
