/// An endpoint of an earlier start of the service.
package struct RestoredEndpoint: Sendable {
    /// The serial numbers that an endpoint may have: 0 stands for none, and there is one more after the last.
    package static let serials: ClosedRange<UInt32> = 1...UInt32.max - 2

    /// With its id.
    package var definition: EndpointDefinition
    package var id: String
    /// Distinguishes the bearers of one id; greater than that of those before it.
    package var serial: UInt32
    /// Whether it is to be started.
    package var isStarted: Bool
    /// Nanoseconds since 1970.
    package var createdAt: Int64
    /// Nanoseconds since 1970; `nil` before the first start.
    package var startedAt: Int64?

    package init(
        definition: EndpointDefinition, id: String, serial: UInt32, isStarted: Bool, createdAt: Int64,
        startedAt: Int64?
    ) {
        self.definition = definition
        self.id = id
        self.serial = serial
        self.isStarted = isStarted
        self.createdAt = createdAt
        self.startedAt = startedAt
    }
}
