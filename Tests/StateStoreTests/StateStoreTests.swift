import Foundation
import GRDB
import Testing

@testable import StateStore

@Suite struct StateStoreTests {
    @Test func aNewFileHasNothing() throws {
        let place = try Place()
        let store = try StateStore(path: place.path)
        let nothing = StoredState(endpoints: [], transmissions: [], runs: [], latestTransmission: 0, latestRun: 0)
        #expect(try store.read() == nothing)
        try store.close()
        #expect(place.names == ["state.db"])
    }

    @Test func whatWasWrittenIsThereForTheNextWhoOpensIt() throws {
        let place = try Place()
        var changes = StateChanges.putting(.number(2), .number(1, isStarted: false))
        changes.transmissions = [StoredTransmission(number: 9, json: "{}")]
        changes.runs = [StoredRun(number: 3, json: "[1]", xml: "<a/>")]
        changes.latestTransmission = 11
        changes.latestRun = 4
        let store = try StateStore(path: place.path)
        try store.write(changes)
        let expected = StoredState(
            endpoints: [.number(1, isStarted: false), .number(2)],
            transmissions: [StoredTransmission(number: 9, json: "{}")],
            runs: [StoredRun(number: 3, json: "[1]", xml: "<a/>")], latestTransmission: 11, latestRun: 4)
        #expect(try store.read() == expected)
        try store.close()
        #expect(try StateStore(path: place.path).read() == expected)
    }

    @Test func changesAreMadeInTheirOrder() throws {
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let store = try StateStore(path: place.path)
        try store.write(.putting(.number(1), .number(2), .number(3)))
        var changes = StateChanges.putting(.number(2, isStarted: false))
        changes.removedEndpoints = [3, 77]
        // The id of one that goes, for one that comes.
        var heir = StoredEndpoint.number(4)
        heir.id = "e3"
        changes.endpoints.append(heir)
        try store.write(changes)
        #expect(try store.read().endpoints == [.number(1), .number(2, isStarted: false), heir])
        changes = .putting(.number(5))
        changes.removesAll = true
        changes.latestRun = 7
        try store.write(changes)
        #expect(try store.read().endpoints == [.number(5)])
        // Numbers never go back.
        changes = StateChanges()
        changes.latestRun = 6
        try store.write(changes)
        #expect(try store.read().latestRun == 7)
    }

    @Test func allOfItIsWrittenOrNothing() throws {
        let place = try Place()
        try StateStore(path: place.path).close()
        func alter(_ sql: String) throws {
            let database = try DatabaseQueue(path: place.path)
            try database.writeWithoutTransaction { database in try database.execute(sql: sql) }
            try database.close()
        }
        try alter("ALTER TABLE run RENAME TO elsewhere")
        let store = try StateStore(path: place.path)
        try store.write(.putting(.number(1)))
        var changes = StateChanges.putting(.number(2))
        changes.removedEndpoints = [1]
        changes.runs = [StoredRun(number: 1, json: "", xml: "")]
        #expect(throws: StateStoreError.self) { try store.write(changes) }
        try store.close()
        try alter("ALTER TABLE elsewhere RENAME TO run")
        #expect(try StateStore(path: place.path).read().endpoints == [.number(1)])
    }

    @Test func theFileIsForOneAtATime() throws {
        let place = try Place()
        let first = try StateStore(path: place.path)
        #expect(throws: StateStoreError.inUse) { try StateStore(path: place.path) }
        try first.close()
        try StateStore(path: place.path).close()
    }

    @Test func isForItsOwnerAlone() throws {
        let place = try Place()
        let store = try StateStore(path: place.path)
        try store.write(.putting(.number(1)))
        #expect(place.names == ["state.db", "state.db-wal"])
        for name in place.names {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: place.directory.appending(path: name).path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func noticesThatTheFileIsGone() throws {
        let place = try Place()
        let store = try StateStore(path: place.path)
        let elsewhere = place.path + "2"
        try FileManager.default.moveItem(atPath: place.path, toPath: elsewhere)
        #expect(throws: StateStoreError.gone) { try store.write(.putting(.number(1))) }
        try FileManager.default.copyItem(atPath: elsewhere, toPath: place.path)
        #expect(throws: StateStoreError.gone) { try store.write(.putting(.number(1))) }
        try FileManager.default.removeItem(atPath: place.path)
        try FileManager.default.moveItem(atPath: elsewhere, toPath: place.path)
        try store.write(.putting(.number(1)))
        #expect(try store.read().endpoints == [.number(1)])
    }

    @Test func leavesOtherFilesAlone() throws {
        let place = try Place()
        let other = URL(filePath: place.path + ".new")
        try Data([1, 2, 3]).write(to: other)
        try StateStore(path: place.path).close()
        #expect(place.names == ["state.db", "state.db.new"])
        #expect(try Data(contentsOf: other) == Data([1, 2, 3]))
    }
}
