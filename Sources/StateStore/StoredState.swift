/// Everything that is kept, the oldest first.
package struct StoredState: Hashable, Sendable {
    package var endpoints: [StoredEndpoint]
    package var transmissions: [StoredTransmission]
    package var runs: [StoredRun]
    /// The greatest numbers that were given.
    package var latestTransmission: UInt64
    package var latestRun: UInt64

    package init(
        endpoints: [StoredEndpoint], transmissions: [StoredTransmission], runs: [StoredRun],
        latestTransmission: UInt64, latestRun: UInt64
    ) {
        self.endpoints = endpoints
        self.transmissions = transmissions
        self.runs = runs
        self.latestTransmission = latestTransmission
        self.latestRun = latestRun
    }
}
