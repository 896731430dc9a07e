internal import GRDB

/// An endpoint as it is kept.
package struct StoredEndpoint: Hashable, Sendable {
    /// Distinguishes the bearers of one id; grows.
    package var serial: UInt32
    package var id: String
    /// Whether it was last started, and not stopped.
    package var isStarted: Bool
    /// Nanoseconds since 1970.
    package var createdAt: Int64
    /// Nanoseconds since 1970; `nil` before the first start.
    package var startedAt: Int64?
    /// What can be posted to make it anew, as JSON.
    package var definition: String

    package init(
        serial: UInt32, id: String, isStarted: Bool, createdAt: Int64, startedAt: Int64?, definition: String
    ) {
        self.serial = serial
        self.id = id
        self.isStarted = isStarted
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.definition = definition
    }
}

extension StoredEndpoint: FetchableRecord {
    init(row: Row) throws {
        serial = try row.decode(forColumn: "serial")
        id = try row.decode(forColumn: "id")
        isStarted = try row.decode(forColumn: "isStarted")
        createdAt = try row.decode(forColumn: "createdAt")
        startedAt = try row.decode(forColumn: "startedAt")
        definition = try row.decode(forColumn: "definition")
    }
}
