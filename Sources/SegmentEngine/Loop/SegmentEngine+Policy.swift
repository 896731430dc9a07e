import TCPWire

// Where segments may go, and as whom; asked before a segment is queued, and again when it is.

extension SegmentEngine {
    /// Loose and strict source route (RFC 791 §3.1).
    private static let sourceRoutes: [UInt8] = [0x83, 0x89]

    /// Refuses a destination that is not one host's, or not on the allow-list.
    func checkDestination(_ destination: IPv4Address) throws(EngineError) {
        guard destination.isUnicast else { throw .destinationNotUnicast(destination) }
        guard handle.configuration.allows(destination) else {
            throw .destinationNotAllowed(destination, allowed: handle.configuration.allowedDestinations)
        }
    }

    /// Refuses a header that lies about where it is from, or that others would send elsewhere.
    func checkHeader(_ header: SegmentTemplate.InternetHeader, of own: IPv4Address) throws(EngineError) {
        if let source = header.source, source != own {
            throw .sourceNotAllowed(source, own: own)
        }
        // Wherever the octet stands, because routers differ in how they read broken lists.
        if let kind = header.options.first(where: { Self.sourceRoutes.contains($0) }) {
            throw .sourceRouteNotAllowed(kind: kind)
        }
    }
}

extension IPv4Address {
    /// Whether it names one host, as far as the address alone can tell.
    var isUnicast: Bool {
        !isMulticast && !isLimitedBroadcast && self != .any
    }
}
