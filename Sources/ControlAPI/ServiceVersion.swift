/// What the service says it is.
package struct ServiceVersion: Hashable, Sendable {
    /// The release, as in `0.1.0`.
    package var version: String
    /// The source's commit; `nil` when the build did not know it.
    package var commit: String?
    /// The contract's version, which grows by additions only.
    package var api: String

    package init(version: String, commit: String?, api: String) {
        self.version = version
        self.commit = commit
        self.api = api
    }
}
