/// Segments that a user asks to send, one step after the other.
package struct TransmissionPlan: Hashable, Sendable {
    /// How many segments of a repeat are kept in the ring unless told otherwise.
    package static let recordedByDefault: UInt64 = 100

    /// A segment, once or many times.
    package struct Step: Hashable, Sendable {
        package var template: SegmentTemplate
        /// How many times; at least once.
        package var count: UInt64 = 1
        package var pacing = Pacing.none
        /// When the first is due, in nanoseconds after the plan's beginning; `nil`: after the step before.
        package var offsetNanoseconds: UInt64?
        /// What changes from one time to the next.
        package var variations: [Variation] = []
        /// How many of them, from the first on, are kept in the ring.
        package var recorded = TransmissionPlan.recordedByDefault

        package init(_ template: SegmentTemplate) {
            self.template = template
        }

        /// What is kept with a segment, besides its octets and the values that vary.
        private static let overhead = 512

        fileprivate var heldOctets: Int {
            var octets = Self.overhead + template.payload.count + template.options.count + template.ip.options.count
            for case .values(let values) in variations.map(\.values) { octets += values.count * 8 }
            return octets
        }
    }

    package var steps: [Step]
    /// Where they are from, if that is a capture file.
    package var replay: ReplaySummary?

    package init(steps: [Step]) {
        self.steps = steps
    }

    /// How many octets it is taken to need while it is under way: of each step its segment, and what is kept with it.
    package var heldOctets: Int {
        steps.reduce(0) { $0 + $1.heldOctets }
    }

    /// How many segments there are in all; `nil` when that is more than can be counted.
    package var segmentCount: UInt64? {
        var total: UInt64 = 0
        for step in steps {
            let (sum, overflow) = total.addingReportingOverflow(step.count)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }
}
