/// What this build is.
enum BuildInformation {
    static let version = "0.1.0"
    /// The HTTP contract's version.
    static let api = "1"
}
