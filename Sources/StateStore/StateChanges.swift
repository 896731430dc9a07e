internal import GRDB

/// What is to be different in the file from now on: first all is removed, or some, then the rest is put.
package struct StateChanges: Sendable {
    package var removesAll = false
    /// Serial numbers.
    package var removedEndpoints: [UInt32] = []
    package var removedTransmissions: [UInt64] = []
    package var removedRuns: [UInt64] = []
    package var endpoints: [StoredEndpoint] = []
    package var transmissions: [StoredTransmission] = []
    package var runs: [StoredRun] = []
    /// The greatest numbers that were given, so that none is given twice.
    package var latestTransmission: UInt64 = 0
    package var latestRun: UInt64 = 0

    package init() {}

    func apply(to database: Database) throws {
        if removesAll { try database.execute(sql: StateSchema.removeAll) }
        try Self.run(StateSchema.removeEndpoint, for: removedEndpoints, in: database) { [Int64($0)] }
        try Self.run(StateSchema.removeTransmission, for: removedTransmissions, in: database) { [Int64(clamping: $0)] }
        try Self.run(StateSchema.removeRun, for: removedRuns, in: database) { [Int64(clamping: $0)] }
        try Self.run(StateSchema.putEndpoint, for: endpoints, in: database) { endpoint in
            [
                Int64(endpoint.serial), endpoint.id, endpoint.isStarted, endpoint.createdAt, endpoint.startedAt,
                endpoint.definition,
            ]
        }
        try Self.run(StateSchema.putTransmission, for: transmissions, in: database) { transmission in
            [Int64(clamping: transmission.number), transmission.json]
        }
        try Self.run(StateSchema.putRun, for: runs, in: database) { run in
            [Int64(clamping: run.number), run.json, run.xml]
        }
        let latest = [("transmission", latestTransmission), ("run", latestRun)].filter { $0.1 > 0 }
        try Self.run(StateSchema.raiseLatest, for: latest, in: database) { name, number in
            [Int64(clamping: number), name]
        }
    }

    private static func run<Item>(
        _ sql: String, for items: [Item], in database: Database, arguments: (Item) -> StatementArguments
    ) throws {
        guard !items.isEmpty else { return }
        let statement = try database.cachedStatement(sql: sql)
        for item in items {
            try statement.execute(arguments: arguments(item))
        }
    }
}
