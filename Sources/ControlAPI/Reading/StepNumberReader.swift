import JSONText
import SegmentEngine

/// Reads a number that is taken from the segment of an earlier step of a run.
struct StepNumberReader {
    /// The steps before, in order: whose segment each expects; `nil` for what expects none.
    let earlier: [String?]
    /// Whose step it is.
    let endpoint: String

    /// A reference, by an object with `received`; reports anything that is none.
    func number(_ object: ObjectReader, at reader: FieldReader) -> StepNumber? {
        defer { object.reportUnknown() }
        let number = object["received"]?.choice(ReceivedNumber.self)
        let plus = object["plus"]?.integer(in: -(1 << 31)...Int(UInt32.max)) ?? 0
        if !object.has("received") { reader.report("must have \"received\"") }
        guard let step = step(object, at: reader), let number else { return nil }
        return StepNumber(step: step, number: number, plus: UInt32(truncatingIfNeeded: plus))
    }

    private func step(_ object: ObjectReader, at reader: FieldReader) -> Int? {
        guard let field = object["step"] else {
            // What the endpoint itself received, or else what any of them did.
            let nearest = earlier.lastIndex { $0 == endpoint } ?? earlier.lastIndex { $0 != nil }
            if nearest == nil { reader.report("no step before this one expects a segment to take a number from") }
            return nearest
        }
        guard let step = field.integer(in: 0...RunPlan.maximumSteps) else { return nil }
        guard earlier.indices.contains(step), earlier[step] != nil else {
            field.report("step \(step) is no expect before this step")
            return nil
        }
        return step
    }
}
