import CaptureFilter
import HTTPMessage

/// Reads the parameters of a query, and reports those nobody asks for.
final class QueryReader {
    /// The header field of the HTML standard.
    static let lastEventID = "Last-Event-ID"

    let violations = Violations()
    private let items: [QueryItem]
    private var asked: [String] = []

    init(_ request: HTTPRequest) {
        items = request.query
    }

    /// Throws a problem when a request has any parameters, where nobody asks for one.
    static func refuseParameters(of request: HTTPRequest) throws(Problem) {
        guard !request.query.isEmpty else { return }
        try QueryReader(request).check()
    }

    /// A parameter's value; reports one that is there twice.
    func string(_ name: String) -> String? {
        asked.append(name)
        let values = items.filter { $0.name == name }
        if values.count > 1 {
            violations.add("is there \(values.count) times", parameter: name)
        }
        return values.first?.value
    }

    /// A decimal parameter within bounds.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = string(name) else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int(text),
            range.contains(value)
        else {
            violations.add(
                "\"\(text.prefix(40))\" is not an integer in \(range.lowerBound)…\(range.upperBound)", parameter: name)
            return nil
        }
        return value
    }

    /// A duration such as `2s`, in nanoseconds.
    func duration(_ name: String, upTo limit: UInt64) -> UInt64? {
        guard let text = string(name) else { return nil }
        guard let nanoseconds = Duration.nanoseconds(in: text), nanoseconds <= limit else {
            violations.add(
                "\"\(text.prefix(40))\" is not a duration such as 250ms or 2s, up to "
                    + Duration.text(nanoseconds: limit), parameter: name)
            return nil
        }
        return nanoseconds
    }

    /// A pcap filter expression.
    ///
    /// curl and browsers write a blank as `+`, which elsewhere in a query is a plus sign. So it is tried as that, and
    /// then as a blank; hardly an expression is one in both readings.
    func captureFilter(_ name: String) -> CaptureFilter? {
        guard string(name) != nil, let item = items.first(where: { $0.name == name }) else { return nil }
        if item.formValue != item.value, let filter = try? CaptureFilter(item.value) { return filter }
        let text = item.formValue
        do throws(CaptureFilterError) {
            return try CaptureFilter(text)
        } catch {
            violations.add("\(error)", parameter: name)
            return nil
        }
    }

    /// One of the names of an enumeration.
    func choice<Value>(_ name: String, _ type: Value.Type) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        guard let text = string(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            violations.add("\"\(text.prefix(40))\" is none of \(known)", parameter: name)
            return nil
        }
        return value
    }

    /// Whether a parameter is `true`; absent, it is not.
    func truth(_ name: String) -> Bool {
        choice(name, Truth.self) == .true
    }

    private enum Truth: String, CaseIterable {
        case `true`, `false`
    }

    /// The cursor from which an event stream resumes, where a client says what it has seen last.
    func lastEventID(_ request: HTTPRequest) -> UInt64? {
        guard let text = request.headers[Self.lastEventID], !text.isEmpty else { return nil }
        guard let value = UInt64(text), String(value) == text else {
            violations.add("\"\(text.prefix(40))\" is not a cursor", parameter: Self.lastEventID)
            return nil
        }
        return value
    }

    /// Throws a problem when anything was wrong, or when there are parameters nobody asked for.
    func check() throws(Problem) {
        for item in items where !asked.contains(item.name) && !violations.isFull {
            let hint = NearestName.of(item.name, among: asked).map { ", did you mean \"\($0)\"?" } ?? ""
            violations.add("unknown parameter\(hint)", parameter: String(item.name.prefix(64)))
        }
        try violations.check()
    }
}
