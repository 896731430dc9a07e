import Foundation
import GRDB
import Testing

@testable import StateStore

/// Files that are not what they should be: refused, and left as they are.
@Suite struct StateFileTests {
    @Test func refusesWhatIsNoFileOfItsOwn() throws {
        let place = try Place()
        #expect(throws: StateStoreError.notAFile) { try StateStore(path: place.directory.path) }
        #expect(throws: StateStoreError.noDirectory(place.path)) { try StateStore(path: place.path + "/state.db") }
        try place.write([])
        #expect(throws: StateStoreError.empty) { try StateStore(path: place.path) }
        try place.write([UInt8](repeating: 7, count: 10_000))
        #expect(throws: StateStoreError.damaged("file is not a database")) { try StateStore(path: place.path) }
        #expect(try place.read() == [UInt8](repeating: 7, count: 10_000))
        #expect(place.names == ["state.db"])
    }

    @Test(arguments: [0o604, 0o640, 0o602, 0o620])
    func refusesAFileThatOthersCanGetAt(mode: Int) throws {
        let place = try Place()
        try StateStore(path: place.path).close()
        try place.setMode(mode)
        #expect(throws: StateStoreError.exposed(mode: UInt32(mode))) { try StateStore(path: place.path) }
        try place.setMode(0o600)
        try StateStore(path: place.path).close()
    }

    @Test func makesNoFileWhereALinkLeadsNowhere() throws {
        let place = try Place()
        let target = place.directory.appending(path: "elsewhere").path
        try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: target)
        #expect(throws: StateStoreError.leadsNowhere) { try StateStore(path: place.path) }
        #expect(place.names == ["state.db"])
        // One that leads somewhere is as good as the file.
        try StateStore(path: target).close()
        try StateStore(path: place.path).close()
    }

    /// Whatever somebody puts there meanwhile is looked at like a file that was there before.
    @Test func takesNoFileThatCameMeanwhileUnseen() throws {
        let place = try Place()
        #expect(throws: StateStoreError.empty) {
            try StateFile.make(place.path) { _ in _ = try? place.write([]) }
        }
        #expect(place.names == ["state.db"])
        try place.write([1])
        try StateFile.make(place.path) { _ in }
        #expect(try place.read() == [1])
    }

    @Test(arguments: [
        ("PRAGMA user_version = 2", StateStoreError.newer(schema: 2, known: 1)),
        ("PRAGMA user_version = 0", .notOurs), ("PRAGMA application_id = 0", .notOurs),
    ])
    func refusesAnotherSchema(change: String, error: StateStoreError) throws {
        let place = try Place()
        try StateStore(path: place.path).close()
        let database = try DatabaseQueue(path: place.path)
        try database.writeWithoutTransaction { database in try database.execute(sql: change) }
        try database.close()
        let content = try place.read()
        #expect(throws: error) { try StateStore(path: place.path) }
        #expect(try place.read() == content)
    }

    @Test(arguments: [
        "DROP TABLE run", "ALTER TABLE endpoint DROP COLUMN definition",
        "UPDATE endpoint SET serial = 1 << 40",
    ])
    func refusesTablesThatAreNotAsTheyShouldBe(change: String) throws {
        let place = try Place()
        let store = try StateStore(path: place.path)
        try store.write(.putting(.number(1)))
        try store.close()
        let database = try DatabaseQueue(path: place.path)
        try database.writeWithoutTransaction { database in try database.execute(sql: change) }
        try database.close()
        let error = #expect(throws: StateStoreError.self) { try StateStore(path: place.path).read() }
        #expect(error?.isAboutContent == true)
    }

    /// Cut off anywhere, it is never taken for one with less in it.
    @Test func refusesAFileThatWasCutOff() throws {
        let place = try Place()
        let store = try StateStore(path: place.path)
        for number in UInt32(1)...200 { try store.write(.putting(.number(number))) }
        let whole = try store.read()
        try store.close()
        let content = try place.read()
        for length in stride(from: 1, to: content.count, by: 1009) {
            try place.write(content[..<length])
            #expect(throws: StateStoreError.self, "\(length) octets") {
                let store = try StateStore(path: place.path)
                let read = try store.read()
                #expect(read == whole)
                try store.close()
            }
        }
        try place.write(content)
        #expect(try StateStore(path: place.path).read() == whole)
    }

    /// Whatever octet is wrong, what is read is refused or has as many endpoints as were written.
    @Test func neverLosesAnEndpointToADamage() throws {
        let place = try Place()
        let store = try StateStore(path: place.path)
        for number in UInt32(1)...200 { try store.write(.putting(.number(number))) }
        try store.close()
        let content = try place.read()
        var refused = 0
        for position in stride(from: 0, to: content.count, by: 211) {
            var damaged = content
            damaged[position] ^= 0xff
            try place.write(damaged)
            do {
                let store = try StateStore(path: place.path)
                defer { try? store.close() }
                #expect(try store.read().endpoints.count == 200, "octet \(position)")
            } catch {
                refused += 1
            }
        }
        #expect(refused > 10)
    }
}
