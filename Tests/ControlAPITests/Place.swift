import Foundation

/// A directory of a test's own for a state file, gone with it.
final class Place {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "segmentd-api-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    var path: String { directory.appending(path: "state.db").path }

    /// Takes the file away, so that writing fails.
    func hide() throws {
        try FileManager.default.moveItem(atPath: path, toPath: path + ".hidden")
    }

    func showAgain() throws {
        try FileManager.default.moveItem(atPath: path + ".hidden", toPath: path)
    }
}
