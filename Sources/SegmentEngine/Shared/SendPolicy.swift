package import TCPWire

/// Where segments may go, and as whom.
package struct SendPolicy: Hashable, Sendable {
    /// Loose and strict source route (RFC 791 §3.1).
    private static let sourceRoutes: [UInt8] = [0x83, 0x89]

    /// Where segments may be sent.
    package var allowedDestinations: [IPv4Prefix]
    /// Whether segments may leave with a source that is not the endpoint's.
    package var allowsSpoofing = false

    package init(allowedDestinations: [IPv4Prefix]) {
        self.allowedDestinations = allowedDestinations
    }

    /// Refuses a plan of which any segment could go, or be from, where it may not.
    package func check(
        _ template: SegmentTemplate, varying variations: [Variation], from own: IPv4Address, to peer: TransportAddress?
    ) throws(EngineError) {
        try check(template.ip, of: own)
        guard let destination = template.ip.destination ?? peer?.address, template.destinationPort != nil || peer != nil
        else { throw .destinationMissing }
        try check(destination: destination)
        for variation in variations {
            switch variation.field {
            case .destination: try check(destinations: variation.values)
            case .source:
                guard allowsSpoofing else { throw .sourceNotAllowed(variation.values.firstAddress, own: own) }
            default: continue
            }
        }
    }

    /// Refuses a header that lies about where it is from, or that others would send elsewhere.
    package func check(_ header: SegmentTemplate.InternetHeader, of own: IPv4Address) throws(EngineError) {
        if let source = header.source, source != own, !allowsSpoofing {
            throw .sourceNotAllowed(source, own: own)
        }
        // Wherever the octet stands, because routers differ in how they read broken lists.
        if let kind = header.options.first(where: { Self.sourceRoutes.contains($0) }) {
            throw .sourceRouteNotAllowed(kind: kind)
        }
    }

    /// Refuses a destination that is not one host's, or not on the allow-list.
    package func check(destination: IPv4Address) throws(EngineError) {
        guard destination.isUnicast else { throw .destinationNotUnicast(destination) }
        guard allows(destination) else {
            throw .destinationNotAllowed(destination, allowed: allowedDestinations)
        }
    }

    func allows(_ destination: IPv4Address) -> Bool {
        allowedDestinations.contains { $0.contains(destination) }
    }

    /// Refuses destinations of which any could be refused.
    private func check(destinations: ValueSequence) throws(EngineError) {
        if case .values(let values) = destinations {
            for value in values {
                try check(destination: IPv4Address(rawValue: UInt32(truncatingIfNeeded: value)))
            }
            return
        }
        // Without bounds of its own, a destination can become any address there is.
        let bounds = destinations.bounds ?? 0...UInt64(UInt32.max)
        let first = IPv4Address(rawValue: UInt32(truncatingIfNeeded: bounds.lowerBound))
        let last = IPv4Address(rawValue: UInt32(truncatingIfNeeded: bounds.upperBound))
        try check(destination: first)
        try check(destination: last)
        guard allowedDestinations.contains(where: { $0.contains(first) && $0.contains(last) }) else {
            throw .destinationNotAllowed(last, allowed: allowedDestinations)
        }
    }
}

extension ValueSequence {
    fileprivate var firstAddress: IPv4Address {
        IPv4Address(rawValue: UInt32(truncatingIfNeeded: bounds?.lowerBound ?? 0))
    }
}

extension IPv4Address {
    /// Whether it names one host, as far as the address alone can tell.
    var isUnicast: Bool {
        !isMulticast && !isLimitedBroadcast && self != .any
    }
}
