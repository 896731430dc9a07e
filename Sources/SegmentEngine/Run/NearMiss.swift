/// A segment that was not the one expected, and why not.
package struct NearMiss: Sendable {
    /// How many are told of a step.
    static let limit = 3
    /// How many of the latest segments are compared for them.
    static let candidates = 256

    package var segment: RunSegment
    package var differences: [Difference]

    /// How far it is from what was expected.
    var distance: Int { differences.reduce(0) { $0 + $1.distance } }

    /// The nearest of some misses, the nearest first; of those as near as each other, the latest.
    ///
    /// The first of the kernel's resets is always among them: it is most likely what the others come from.
    static func nearest(of misses: [NearMiss]) -> [NearMiss] {
        let kernel = misses.first { $0.segment.direction == .kernel }
        let others = misses.filter { $0.segment.direction != .kernel }.reversed().enumerated()
            .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .map(\.element)
        return Array(([kernel].compactMap(\.self) + others).prefix(limit))
    }
}
