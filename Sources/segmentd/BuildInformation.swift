import Glibc

/// What this build is.
enum BuildInformation {
    static let version = "0.1.0"
    /// The HTTP contract's version.
    static let api = "1"

    /// The source's commit, which whoever built it tells in `SEGMENTD_COMMIT`, because a build cannot know.
    static var commit: String? {
        guard let value = unsafe getenv("SEGMENTD_COMMIT") else { return nil }
        let commit = unsafe String(cString: value)
        return commit.isEmpty ? nil : commit
    }
}
