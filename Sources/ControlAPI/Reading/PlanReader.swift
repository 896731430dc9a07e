import JSONText
import SegmentEngine
import TCPWire

/// Reads segments to send: one or a list, each once or repeated, with fields that vary.
enum PlanReader {
    static let maximumSteps = 10_000
    private static let maximumCount = 1_000_000_000_000
    /// Octets of all payloads of one request together.
    static let maximumPayload = 16 << 20
    private static let maximumRate = 1_000_000_000
    private static let maximumVariations = 16
    private static let maximumValues = 4_096
    private static let maximumPayloadOffset = 65_494

    /// Reads what is to be sent; in a run, with numbers that may be taken from the steps before.
    static func plan(_ reader: FieldReader, steps numbers: StepNumberReader? = nil) -> TransmissionPlan {
        guard reader.isList else {
            return TransmissionPlan(steps: [step(reader, numbers)].compactMap(\.self))
        }
        guard let elements = reader.array(upTo: maximumSteps) else { return TransmissionPlan(steps: []) }
        if elements.isEmpty { reader.report("has no segments, must have 1…\(maximumSteps)") }
        var steps: [TransmissionPlan.Step] = []
        var octets = 0
        for element in elements where !reader.violations.isFull {
            guard let step = step(element, numbers) else { continue }
            octets += step.template.payload.count
            guard octets <= maximumPayload else {
                element.report("with this one, the payloads have more than \(maximumPayload) octets in all")
                break
            }
            steps.append(step)
        }
        return TransmissionPlan(steps: steps)
    }

    private static func step(_ reader: FieldReader, _ numbers: StepNumberReader?) -> TransmissionPlan.Step? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        var step = TransmissionPlan.Step(SegmentReader(answers: false, steps: numbers).segment(object))
        if let repetition = object["repeat"]?.object() {
            read(repetition, into: &step)
        }
        if let list = object["vary"] {
            step.variations = variations(list, of: step)
        }
        return step
    }

    private static func read(_ object: ObjectReader, into step: inout TransmissionPlan.Step) {
        defer { object.reportUnknown() }
        step.count = UInt64(object["count"]?.integer(in: 1...maximumCount) ?? 1)
        step.recorded = object["record"]?.integer(in: 0...maximumCount).map { UInt64($0) } ?? step.recorded
        let interval = object["interval"]
        let rate = object["rate"]
        if interval != nil, let rate {
            rate.report("is there beside interval; give one of them")
        }
        if let nanoseconds = interval?.duration(), nanoseconds > 0 {
            step.pacing = .interval(nanoseconds: nanoseconds)
        }
        if let rate, let perSecond = self.rate(rate) {
            step.pacing = .rate(perSecond: perSecond)
        }
    }

    /// A rate such as `"50000/s"`.
    private static func rate(_ reader: FieldReader) -> UInt64? {
        guard case .string(let text) = reader.value else {
            return reader.integer(in: 1...maximumRate).map { UInt64($0) }
        }
        guard text.hasSuffix("/s"), text.first?.isNumber == true, let value = UInt64(text.dropLast(2)),
            (1...maximumRate).contains(Int(clamping: value))
        else {
            reader.report("\"\(text.prefix(40))\" is not a rate such as \"50000/s\", from 1/s to \(maximumRate)/s")
            return nil
        }
        return value
    }

    private static func variations(_ reader: FieldReader, of step: TransmissionPlan.Step) -> [Variation] {
        guard let elements = reader.array(upTo: maximumVariations) else { return [] }
        return elements.compactMap { element in
            guard let variation = variation(element) else { return nil }
            guard variation.field.isInside(step.template) else {
                element.report("the field is outside the segment")
                return nil
            }
            if variation.field == .identification, !step.template.ip.dontFragment, mayBeZero(variation, in: step) {
                element.report("0 would be replaced by the kernel where dontFragment is false; give values without it")
            }
            return variation
        }
    }

    /// Whether a field may become 0.
    private static func mayBeZero(_ variation: Variation, in step: TransmissionPlan.Step) -> Bool {
        let base = UInt64(step.template.ip.identification ?? 0)
        let bounds = variation.values.bounds(base: base, count: step.count, maximum: variation.field.maximum)
        return bounds.map { $0.contains(0) } ?? true
    }

    private static func variation(_ reader: FieldReader) -> Variation? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        let field = field(object)
        let forms = ["increment", "values", "range", "random"].compactMap { name in
            object[name].map { (name: name, reader: $0) }
        }
        let isRangedRandom = forms.map(\.name) == ["range", "random"]
        guard forms.count == 1 || isRangedRandom, let form = forms.last else {
            reader.report("must have one of increment, values, range, random; range may stand beside random")
            return nil
        }
        guard let field else { return nil }
        switch form.name {
        case "increment":
            let largest = Int(field.maximum)
            return form.reader.integer(in: -largest...largest).map { Variation(field, .increment(Int64($0))) }
        case "values": return values(form.reader, of: field).map { Variation(field, .values($0)) }
        case "range": return range(form.reader, of: field).map { Variation(field, .range($0)) }
        default:
            let bounds = isRangedRandom ? range(forms[0].reader, of: field) : nil
            return seed(form.reader).map { Variation(field, .random(seed: $0, within: bounds)) }
        }
    }

    private static func field(_ object: ObjectReader) -> VariedField? {
        guard let reader = object["field"] else {
            object.violations.add("is missing", at: object.pointer.appending("field"))
            return nil
        }
        guard let name = reader.string() else { return nil }
        if let named = VariedField.named.first(where: { $0.name == name }) { return named.field }
        guard name == "payload" else {
            reader.reportUnknown(name, among: VariedField.named.map(\.name) + ["payload"])
            return nil
        }
        let offset = object["offset"]?.integer(in: 0...maximumPayloadOffset) ?? 0
        let width = object["width"]?.integer(in: 1...4) ?? 4
        guard width != 3 else {
            object["width"]?.report("3 is none of 1, 2, 4")
            return nil
        }
        return .payload(offset: offset, width: width)
    }

    private static func values(_ reader: FieldReader, of field: VariedField) -> [UInt64]? {
        guard let elements = reader.array() else { return nil }
        guard (1...maximumValues).contains(elements.count) else {
            reader.report("has \(elements.count) values, must have 1…\(maximumValues)")
            return nil
        }
        return elements.compactMap { value($0, of: field) }
    }

    private static func range(_ reader: FieldReader, of field: VariedField) -> ClosedRange<UInt64>? {
        guard let elements = reader.array() else { return nil }
        guard elements.count == 2, let first = value(elements[0], of: field), let last = value(elements[1], of: field),
            first <= last
        else {
            reader.report("must be two values of the field, the lower one first")
            return nil
        }
        return first...last
    }

    private static func seed(_ reader: FieldReader) -> UInt64? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        return UInt64(object["seed"]?.integer(in: 0...Int.max) ?? 0)
    }

    private static func value(_ reader: FieldReader, of field: VariedField) -> UInt64? {
        if field == .source || field == .destination, case .string(let text) = reader.value, text.contains(".") {
            return reader.address().map { UInt64($0.rawValue) }
        }
        return reader.integer(in: 0...Int(field.maximum)).map { UInt64($0) }
    }
}
