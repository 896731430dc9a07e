import CaptureFilter
import JSONText
import SegmentEngine

/// Reads runs.
final class RunReader {
    /// How long an `expect` waits unless told otherwise.
    private static let defaultWait: UInt64 = 1_000_000_000
    private static let maximumNameLength = 256

    /// What each step is, and whether it has a list of segments.
    private(set) var places: [(kind: RunRecord.Step.Kind, isList: Bool)] = []
    private let isKnown: (String) -> Bool
    private var endpoints: [String] = []
    private var steps: [RunPlan.Step] = []
    /// Whose segment each step expects; `nil` for what expects none.
    private var expecting: [String?] = []
    private var payloadOctets = 0
    private var segments = 0
    private var filters: [String: CaptureFilter] = [:]

    /// A reader for runs whose endpoints are known to be there.
    init(isKnown: @escaping (String) -> Bool) {
        self.isKnown = isKnown
    }

    func plan(_ reader: FieldReader) -> RunPlan {
        guard let object = reader.object() else { return RunPlan(name: nil, endpoints: [], steps: []) }
        defer { object.reportUnknown() }
        let name = object["name"].flatMap(name)
        if let list = object["steps"] {
            read(list)
        } else {
            reader.violations.add("is missing", at: reader.pointer.appending("steps"))
        }
        return RunPlan(name: name, endpoints: endpoints, steps: steps)
    }

    private func name(_ reader: FieldReader) -> String? {
        guard let name = reader.string() else { return nil }
        guard name.utf8.count <= Self.maximumNameLength else {
            reader.report("has \(name.utf8.count) octets, may have \(Self.maximumNameLength)")
            return nil
        }
        return name
    }

    private func read(_ list: FieldReader) {
        guard let elements = list.array(upTo: RunPlan.maximumSteps) else { return }
        if elements.isEmpty { list.report("has no steps, must have 1…\(RunPlan.maximumSteps)") }
        for element in elements where !list.violations.isFull {
            let step = step(element)
            // What cannot be read is a pause, so that later steps have their numbers; it is refused anyway.
            steps.append(step ?? .pause(nanoseconds: 0))
            places.append((kind: steps[steps.count - 1].kind, isList: isList(element)))
            guard case .expect(let expectation)? = step else {
                expecting.append(nil)
                continue
            }
            expecting.append(endpoints[expectation.endpoint])
        }
    }

    private func isList(_ element: FieldReader) -> Bool {
        guard case .object(let step) = element.value, case .object(let send)? = step["send"],
            case .array? = send["segment"]
        else { return false }
        return true
    }

    private func step(_ reader: FieldReader) -> RunPlan.Step? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        let kinds = RunRecord.Step.Kind.allCases
        let present = kinds.compactMap { kind in object[kind.rawValue].map { (kind: kind, reader: $0) } }
        guard present.count == 1, let step = present.first else {
            reader.report("must have one of \(kinds.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        switch step.kind {
        case .send: return send(step.reader)
        case .expect: return expectation(step.reader, "within", Self.defaultWait).map(RunPlan.Step.expect)
        case .expectNone: return expectation(step.reader, "for", nil).map(RunPlan.Step.expectNone)
        case .pause: return pause(step.reader)
        }
    }

    private func pause(_ reader: FieldReader) -> RunPlan.Step? {
        guard case .object = reader.value, let object = reader.object() else {
            return duration(reader).map(RunPlan.Step.pause)
        }
        defer { object.reportUnknown() }
        guard let length = object["for"] else {
            reader.violations.add("is missing", at: reader.pointer.appending("for"))
            return nil
        }
        return duration(length).map(RunPlan.Step.pause)
    }

    private func send(_ reader: FieldReader) -> RunPlan.Step? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        let endpoint = endpoint(object)
        guard let segment = object["segment"] else {
            reader.violations.add("is missing", at: reader.pointer.appending("segment"))
            return nil
        }
        let plan = PlanReader.plan(segment, steps: numbers(for: endpoint))
        if plan.segmentCount == nil { segment.report("has more segments than can be counted") }
        segments += plan.steps.count
        if segments > PlanReader.maximumSteps {
            segment.report("with these, the run has more than \(PlanReader.maximumSteps) segments to send")
        }
        count(plan.steps.reduce(0) { $0 + $1.template.payload.count }, at: segment)
        return endpoint.map { .send(plan, from: $0) }
    }

    private func expectation(
        _ reader: FieldReader, _ key: String, _ preset: UInt64?
    ) -> RunPlan.Expectation? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        let endpoint = endpoint(object)
        let expectations = ExpectationReader(steps: numbers(for: endpoint))
        var segment = object["segment"].map(expectations.expectation) ?? SegmentExpectation()
        segment.filter = object["filter"].flatMap(filter)
        switch segment.payload {
        case .exactly(let octets), .contains(let octets): count(octets.count, at: reader)
        case nil: break
        }
        let nanoseconds = object[key].map(duration) ?? preset
        if !object.has(key), preset == nil {
            reader.violations.add("is missing", at: reader.pointer.appending(key))
        }
        let since = object["since"].flatMap(earlierStep)
        guard let endpoint, let nanoseconds else { return nil }
        return RunPlan.Expectation(endpoint: endpoint, segment: segment, nanoseconds: nanoseconds, since: since)
    }

    /// A filter, which steps may share.
    private func filter(_ reader: FieldReader) -> CaptureFilter? {
        if case .string(let text) = reader.value, let known = filters[text] { return known }
        guard let filter = reader.captureFilter() else { return nil }
        filters[filter.text] = filter
        return filter
    }

    private func earlierStep(_ reader: FieldReader) -> Int? {
        guard let step = reader.integer(in: 0...RunPlan.maximumSteps) else { return nil }
        guard step < steps.count else {
            reader.report("step \(step) is not before this step")
            return nil
        }
        return step
    }

    private func numbers(for endpoint: Int?) -> StepNumberReader {
        StepNumberReader(earlier: expecting, endpoint: endpoint.map { endpoints[$0] } ?? "")
    }

    /// Whose step it is, by its place among the run's endpoints.
    private func endpoint(_ object: ObjectReader) -> Int? {
        guard let reader = object["endpoint"] else {
            object.violations.add("is missing", at: object.pointer.appending("endpoint"))
            return nil
        }
        guard let id = reader.string() else { return nil }
        guard isKnown(id) else {
            reader.report("there is no endpoint \"\(id.prefix(64))\"")
            return nil
        }
        if let place = endpoints.firstIndex(of: id) { return place }
        endpoints.append(id)
        return endpoints.count - 1
    }

    private func duration(_ reader: FieldReader) -> UInt64? {
        guard let nanoseconds = reader.duration() else { return nil }
        let limit = RunPlan.maximumNanoseconds
        guard nanoseconds <= limit else {
            reader.report("is longer than \(Duration.text(nanoseconds: limit))")
            return nil
        }
        return nanoseconds
    }

    /// Adds to the octets of payload that the run has.
    private func count(_ octets: Int, at reader: FieldReader) {
        payloadOctets += octets
        guard payloadOctets > PlanReader.maximumPayload else { return }
        reader.report("with this one, the run's payloads have more than \(PlanReader.maximumPayload) octets in all")
    }
}
