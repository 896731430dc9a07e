internal import GRDB

/// A run as it ended or, of one that had not when it was kept, as it is to be shown if it never does.
package struct StoredRun: Hashable, Sendable {
    package var number: UInt64
    /// What the API shows.
    package var json: String
    /// The same as JUnit XML.
    package var xml: String

    package init(number: UInt64, json: String, xml: String) {
        self.number = number
        self.json = json
        self.xml = xml
    }
}

extension StoredRun: FetchableRecord {
    init(row: Row) throws {
        number = try row.decode(forColumn: "number")
        json = try row.decode(forColumn: "json")
        xml = try row.decode(forColumn: "xml")
    }
}
