/// What the samples of one name have in common.
struct MetricFamily: Hashable, Sendable {
    enum Kind: String, Sendable {
        /// Only grows, from the start of the service on.
        case counter
        case gauge
        case histogram
        /// Says what something is, by its labels.
        case info
    }

    enum Unit: String, Sendable {
        case bytes
        case seconds
    }

    /// Without what the kind puts behind it, such as `_total`; ends with the unit.
    var name: String
    var kind: Kind
    /// What is counted when it is neither octets nor time; the name says it.
    var unit: Unit?
    /// What it is, in a sentence.
    var help: String

    init(_ kind: Kind, _ name: String, unit: Unit? = nil, _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        precondition(unit.map { name.hasSuffix("_\($0.rawValue)") } ?? true, "\(name) does not say its unit")
    }
}
