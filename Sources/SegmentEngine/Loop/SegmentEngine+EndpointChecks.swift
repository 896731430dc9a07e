import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Refuses a local address that this host has not, or that another endpoint or the API plays.
    func checkAddresses(of definition: EndpointDefinition) throws(EngineError) {
        let local = definition.local
        if let reserved = handle.configuration.reservedAddress, reserved.port == local.port,
            reserved.address == local.address || reserved.address == .any
        {
            throw .portReserved(local)
        }
        try checkPath(of: definition, in: 0)
        do throws(Errno) {
            guard try LocalAddress.isOurs(local.address.rawValue) else { throw .addressNotAvailable }
        } catch .addressNotAvailable {
            throw .addressNotLocal(local.address)
        } catch {
            throw .cannotOpen(what: "a socket to check the local address", error)
        }
    }

    /// Refuses addresses and ports that a running endpoint has.
    func checkPath(of definition: EndpointDefinition, in network: Int) throws(EngineError) {
        guard let slot = networks[network].index.slot(exactly: definition.local, definition.remote),
            let other = slots[slot]
        else { return }
        throw .pathInUse(local: definition.local, remote: definition.remote, holder: other.id)
    }

    /// Refuses an endpoint whose own segments could never leave.
    func checkDestinations(of definition: EndpointDefinition) throws(EngineError.Located) {
        let policy = handle.configuration.policy
        do throws(EngineError) {
            if let remote = definition.remote {
                try policy.check(destination: remote.address)
                if definition.namespace == nil { try LinkBroadcast.check(remote.address) }
            }
        } catch {
            throw .init(error)
        }
        for (place, template) in definition.segments {
            do throws(EngineError) {
                if definition.namespace == nil, let destination = template.ip.destination {
                    try LinkBroadcast.check(destination)
                }
                if case .opening = place {
                    try policy.check(template, from: definition.local.address, to: definition.remote)
                } else {
                    try policy.check(template.ip, of: definition.local.address)
                    if let destination = template.ip.destination {
                        try policy.check(destination: destination)
                    }
                }
            } catch {
                throw .init(error, segment: place)
            }
        }
    }

    /// Encodes what an endpoint sends, as far as it is known before.
    mutating func prepared(
        _ definition: EndpointDefinition
    ) throws(EngineError.Located) -> (rules: [RuleRuntime], opening: [PreparedStep]) {
        var opening: [PreparedStep] = []
        var replies = definition.rules.map { _ in [PreparedSegment]() }
        let occasion = definition.occasion
        for (place, template) in definition.segments {
            do throws(WireError) {
                switch place {
                case .opening:
                    let step = TransmissionPlan.Step(template)
                    opening.append(try PreparedStep(step, on: occasion, identification: nextIdentification()))
                case .reply(_, let rule):
                    replies[rule].append(
                        try PreparedSegment(template, local: definition.local, remote: definition.remote))
                }
            } catch {
                throw .init(.segmentImpossible(error), segment: place)
            }
        }
        let rules = zip(definition.rules, replies).map { rule, replies in
            RuleRuntime(rule, replies: replies)
        }
        return (rules: rules, opening: opening)
    }
}

extension EndpointDefinition {
    /// Everything it sends by itself, and where that stands.
    fileprivate var segments: [(place: EngineError.SegmentPlace, template: SegmentTemplate)] {
        opening.enumerated().map { (place: .opening($0), template: $1) }
            + rules.enumerated().flatMap { rule, definition in
                definition.reply.enumerated().map { (place: .reply($0, ofRule: rule), template: $1) }
            }
    }
}
