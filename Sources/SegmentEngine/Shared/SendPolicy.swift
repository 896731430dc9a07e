package import TCPWire

/// Where segments may go, and as whom.
package struct SendPolicy: Hashable, Sendable {
    /// Loose and strict source route (RFC 791 §3.1).
    private static let sourceRoutes: [UInt8] = [0x83, 0x89]

    /// Where segments may be sent; multicast addresses only by a block that has no others.
    package var allowedDestinations: [IPv4Prefix]
    /// Whether segments may leave with a source that is not the endpoint's.
    package var allowsSpoofing = false

    package init(allowedDestinations: [IPv4Prefix]) {
        self.allowedDestinations = allowedDestinations
    }

    /// Refuses a segment that could go, or be from, where it may not.
    package func check(
        _ template: SegmentTemplate, from own: IPv4Address, to peer: TransportAddress?
    ) throws(EngineError) {
        try check(template.ip, of: own)
        guard let destination = template.ip.destination ?? peer?.address, template.destinationPort != nil || peer != nil
        else { throw .destinationMissing }
        try check(destination: destination)
    }

    /// Refuses a step of which any segment could go, or be from, where it may not; says which variation is at fault.
    package func check(
        _ step: TransmissionPlan.Step, from own: IPv4Address, to peer: TransportAddress?
    ) throws(EngineError.Located) {
        do throws(EngineError) {
            try check(step.template, from: own, to: peer)
        } catch {
            throw .init(error)
        }
        for (position, variation) in step.variations.enumerated() {
            do throws(EngineError) {
                switch variation.field {
                case .destination:
                    let base = step.template.ip.destination ?? peer?.address ?? .any
                    try check(destinations: variation.values, base: base, count: step.count)
                case .source:
                    try check(sources: variation.values, base: step.template.ip.source ?? own, count: step.count, own)
                default: continue
                }
            } catch {
                throw .init(error, variation: position)
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

    /// Refuses a destination that is not on the allow-list, or that is more than one host's without having been meant.
    package func check(destination: IPv4Address) throws(EngineError) {
        guard !allows(destination) else { return }
        guard destination.isUnicast else { throw .destinationNotUnicast(destination) }
        throw .destinationNotAllowed(destination, allowed: allowedDestinations)
    }

    /// Whether segments may be sent there.
    func allows(_ destination: IPv4Address) -> Bool {
        allowedDestinations.contains { Self.allows(destination, by: $0) }
    }

    /// Whether a block of the allow-list is meant for an address: broadcast addresses for none, and multicast ones, which
    /// many hosts may hear, only for one that names nothing else.
    private static func allows(_ destination: IPv4Address, by block: IPv4Prefix) -> Bool {
        block.contains(destination)
            && (destination.isMulticast ? block.address.isMulticast && block.length >= 4 : destination.isUnicast)
    }

    /// Refuses destinations of which any could be refused.
    private func check(destinations: ValueSequence, base: IPv4Address, count: UInt64) throws(EngineError) {
        if case .values(let values) = destinations {
            for value in values {
                try check(destination: IPv4Address(truncating: value))
            }
            return
        }
        // Without bounds, a destination can become any address there is.
        guard let bounds = Self.addresses(destinations, base: base, count: count) else {
            throw .destinationUnbounded(allowed: allowedDestinations)
        }
        try check(destination: bounds.first)
        try check(destination: bounds.last)
        var next = UInt64(bounds.first.rawValue)
        while next <= UInt64(bounds.last.rawValue) {
            let address = IPv4Address(truncating: next)
            try check(destination: address)
            let ends = allowedDestinations.filter { Self.allows(address, by: $0) }.map(\.last.rawValue)
            var end = ends.max() ?? address.rawValue
            // Between two addresses of hosts may lie the multicast ones, which the same block does not allow.
            if address.rawValue < Self.firstMulticast.rawValue { end = min(end, Self.firstMulticast.rawValue - 1) }
            next = UInt64(end) + 1
        }
    }

    /// Refuses sources other than the endpoint's own, unless spoofing is allowed, and the one the kernel replaces.
    private func check(
        sources: ValueSequence, base: IPv4Address, count: UInt64, _ own: IPv4Address
    ) throws(EngineError) {
        let any = (first: IPv4Address.any, last: IPv4Address(rawValue: .max))
        let bounds = Self.addresses(sources, base: base, count: count) ?? any
        if bounds.first == .any { throw .sourceReplacedByKernel }
        guard !allowsSpoofing, bounds.first != own || bounds.last != own else { return }
        throw .sourceNotAllowed(bounds.first == own ? bounds.last : bounds.first, own: own)
    }

    private static let firstMulticast = IPv4Address(rawValue: 0xe000_0000)

    private static func addresses(
        _ values: ValueSequence, base: IPv4Address, count: UInt64
    ) -> (first: IPv4Address, last: IPv4Address)? {
        let maximum = UInt64(UInt32.max)
        let bounds = values.bounds(base: UInt64(base.rawValue), count: count, maximum: maximum)
        return bounds.map { bounds in
            (first: IPv4Address(truncating: bounds.lowerBound), last: IPv4Address(truncating: bounds.upperBound))
        }
    }
}

extension IPv4Address {
    /// Whether it names one host, as far as the address alone can tell.
    var isUnicast: Bool {
        !isMulticast && !isLimitedBroadcast && self != .any
    }
}

extension IPv4Address {
    fileprivate init(truncating value: UInt64) {
        self.init(rawValue: UInt32(truncatingIfNeeded: value))
    }
}
