internal import GRDB

/// The file that keeps what must outlive the service, for one process at a time.
///
/// An SQLite database with a write-ahead log: what ``write(_:)`` has written is there after the process is killed in
/// any moment. Definitions and results are kept as the texts that the API shows. Every call may wait for the disk.
package struct StateStore: Sendable {
    package let path: String
    private let queue: DatabaseQueue
    /// Which file it was when it was opened.
    private let identity: StateFile.Identity

    /// Opens a file, or makes one where there is none; one that is not understood is left as it is.
    package init(path: String) throws(StateStoreError) {
        try StateFile.check(path)
        if try StateFile.identity(of: path) == nil {
            try StateFile.make(path) { path throws(StateStoreError) in try Self.makeDatabase(at: path) }
        }
        let queue = try Self.failing { try DatabaseQueue(path: path, configuration: Self.configuration) }
        try Self.check(queue)
        guard let identity = try StateFile.identity(of: path) else { throw .gone }
        self.path = path
        self.queue = queue
        self.identity = identity
    }

    /// Everything that is kept, the oldest first.
    package func read() throws(StateStoreError) -> StoredState {
        try Self.failing {
            try queue.read { database in
                StoredState(
                    endpoints: try StoredEndpoint.fetchAll(database, sql: StateSchema.endpoints),
                    transmissions: try StoredTransmission.fetchAll(database, sql: StateSchema.transmissions),
                    runs: try StoredRun.fetchAll(database, sql: StateSchema.runs),
                    latestTransmission: try Self.number(StateSchema.latestTransmission, in: database),
                    latestRun: try Self.number(StateSchema.latestRun, in: database))
            }
        }
    }

    /// Writes changes, all of them or none.
    package func write(_ changes: StateChanges) throws(StateStoreError) {
        guard try StateFile.identity(of: path) == identity else { throw .gone }
        try Self.failing {
            try queue.write { database in try changes.apply(to: database) }
        }
    }

    /// Puts everything into the one file and lets go of it.
    package func close() throws(StateStoreError) {
        try Self.failing { try queue.close() }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            // Before the first access: then no other process gets at the file, and no memory is shared for it.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL")
        }
        return configuration
    }

    private static func makeDatabase(at path: String) throws(StateStoreError) {
        try failing {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { database in
                _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: StateSchema.definition)
            }
            try queue.close()
        }
    }

    /// Refuses a file that is not ours, not whole, or cannot be written.
    private static func check(_ queue: DatabaseQueue) throws(StateStoreError) {
        let found = try failing {
            try queue.read { database in
                (
                    application: try Int.fetchOne(database, sql: "PRAGMA application_id"),
                    schema: try Int.fetchOne(database, sql: "PRAGMA user_version")
                )
            }
        }
        guard found.application == StateSchema.application, let schema = found.schema, schema > 0 else {
            throw .notOurs
        }
        guard schema <= StateSchema.version else { throw .newer(schema: schema, known: StateSchema.version) }
        let verdict = try failing {
            try queue.read { database in try String.fetchOne(database, sql: "PRAGMA quick_check(1)") }
        }
        guard verdict == "ok" else { throw .damaged(verdict ?? "the check has no result") }
        try failing {
            try queue.writeWithoutTransaction { database in
                _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: StateSchema.noteOpening)
            }
        }
    }

    private static func number(_ sql: String, in database: Database) throws -> UInt64 {
        UInt64(max(0, try Int64.fetchOne(database, sql: sql) ?? 0))
    }

    private static func failing<Result>(_ body: () throws -> Result) throws(StateStoreError) -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StateStoreError(error)
        } catch let error as StateStoreError {
            throw error
        } catch is RowDecodingError {
            throw .damaged("a row holds what no row may")
        } catch {
            throw .failed("\(error)")
        }
    }
}
