package import JSONText

extension Problem {
    /// What a body that is not JSON is answered with.
    package init(_ error: JSONError) {
        let violations = error.pointer.map { pointer in
            [Violation(pointer: pointer, detail: error.reason.description)]
        }
        self.init(.malformedJSON, detail: "The body is not JSON: \(error).", violations: violations ?? [])
    }
}
