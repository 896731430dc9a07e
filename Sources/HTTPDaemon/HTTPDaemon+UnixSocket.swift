import CMicroHTTPD

extension HTTPDaemon {
    /// A Unix socket by path, for root, the user that the service runs as, and perhaps a group.
    package struct UnixSocket: Hashable, Sendable {
        /// The octets that a path may have.
        package static var pathLimit: Int { Int(CMICROHTTPD_PATH_LIMIT) }

        package var path: String
        /// The number of the group whose members may use it too.
        package var group: UInt32?

        package init(path: String, group: UInt32? = nil) {
            self.path = path
            self.group = group
        }
    }
}
