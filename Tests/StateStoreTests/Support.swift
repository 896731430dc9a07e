import Foundation
import StateStore

/// A directory of a test's own, gone with it.
final class Place {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "segmentd-state-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    var path: String { directory.appending(path: "state.db").path }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
    }

    func write(_ octets: some Sequence<UInt8>) throws {
        try Data(octets).write(to: URL(filePath: path))
        try setMode(0o600)
    }

    func setMode(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func read() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path)))
    }
}

extension StoredEndpoint {
    static func number(_ number: UInt32, isStarted: Bool = true) -> StoredEndpoint {
        StoredEndpoint(
            serial: number, id: "e\(number)", isStarted: isStarted, createdAt: Int64(number) * 1_000_000_007,
            startedAt: number.isMultiple(of: 2) ? nil : Int64(number), definition: #"{"é":"\#(number)"}"#)
    }
}

extension StateChanges {
    static func putting(_ endpoints: StoredEndpoint...) -> StateChanges {
        var changes = StateChanges()
        changes.endpoints = endpoints
        return changes
    }
}
