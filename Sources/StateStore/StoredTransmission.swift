internal import GRDB

/// A transmission that had not ended when it was kept, as it is to be shown if it never does.
package struct StoredTransmission: Hashable, Sendable {
    package var number: UInt64
    /// What the API shows.
    package var json: String

    package init(number: UInt64, json: String) {
        self.number = number
        self.json = json
    }
}

extension StoredTransmission: FetchableRecord {
    init(row: Row) throws {
        number = try row.decode(forColumn: "number")
        json = try row.decode(forColumn: "json")
    }
}
