import HTTPMessage
import JSONText

/// What is wrong with a request, gathered so that a user sees all of it at once.
final class Violations {
    /// How many are told; a user mends these first, and a hostile one gets no longer answer.
    private static let limit = 100

    private var found: [Problem.Violation] = []
    private var count = 0

    var isEmpty: Bool { count == 0 }

    /// Whether what is added from now on is only counted, so that it need not be worked out.
    var isFull: Bool { count >= Self.limit }

    func add(_ detail: @autoclosure () -> String, at pointer: @autoclosure () -> JSONPointer) {
        count += 1
        guard count <= Self.limit else { return }
        found.append(Problem.Violation(pointer: pointer(), detail: detail()))
    }

    func add(_ detail: @autoclosure () -> String, parameter: @autoclosure () -> String) {
        count += 1
        guard count <= Self.limit else { return }
        found.append(Problem.Violation(parameter: parameter(), detail: detail()))
    }

    /// Throws a problem that lists everything, if there is anything.
    func check() throws(Problem) {
        guard let first = found.first else { return }
        throw Problem(.invalidField, detail: summary(first), violations: found)
    }

    private func summary(_ first: Problem.Violation) -> String {
        let place =
            switch first.place {
            case .pointer(let pointer): pointer.tokens.isEmpty ? "the body" : pointer.description
            case .parameter(let name): "the parameter \(name)"
            case .header(let name): "the header \(name)"
            }
        let others = count == 1 ? "" : " (and \(count - 1) more)"
        return "\(place): \(first.detail)\(others)"
    }
}
