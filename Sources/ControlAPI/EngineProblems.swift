import HTTPMessage
import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// What an engine's error is to a user: the one place that says so.
enum EngineProblems {
    /// Where in a request's body an engine's error lies.
    struct Body {
        /// Whether the body is a list, whose elements have places of their own.
        var isList = false
        /// Whether it is a segment, which has its addresses under `ip`, and not an endpoint.
        var isSegment = false
        /// Of a run, what each step is, and whether it has a list of segments.
        var steps: [(kind: RunRecord.Step.Kind, isList: Bool)] = []

        /// Where what an error is about is: the endpoint or the segment, or the list element that is one.
        fileprivate func root(of located: EngineError.Located) -> JSONPointer {
            guard let step = located.step, steps.indices.contains(step) else {
                return isList ? JSONPointer.root.appending(located.index) : .root
            }
            let segment = place(ofStep: step).appending("segment")
            return steps[step].isList ? segment.appending(located.index) : segment
        }

        /// Where a run's step is.
        fileprivate func place(ofStep step: Int) -> JSONPointer {
            JSONPointer.root.appending("steps").appending(step).appending(steps[step].kind.rawValue)
        }
    }

    static func problem(_ located: EngineError.Located, in body: Body = Body()) -> Problem {
        let root = body.root(of: located)
        let segment = place(of: located.segment, under: root)
        let isEndpoint = located.segment == nil && !body.isSegment
        let variation = located.variation.map { segment.appending("vary").appending($0) }
        let source = variation ?? segment.appending("ip").appending("source")
        let destination =
            variation
            ?? (isEndpoint
                ? root.appending("remote").appending("address") : segment.appending("ip").appending("destination"))
        switch located.error {
        case .unknownEndpoint(let id):
            if let step = located.step {
                return invalid("there is no endpoint \"\(id)\"", at: body.place(ofStep: step).appending("endpoint"))
            }
            return Problem(.notFound, detail: "there is no endpoint \"\(id)\"")
        case .idInUse(let id):
            return Problem(
                .idInUse, detail: "there is an endpoint \"\(id)\" already; leave the id out to have one made",
                violations: [.init(pointer: root.appending("id"), detail: "\"\(id)\" is in use")])
        case .pathInUse(let local, let remote, let holder):
            let peer = remote.map { "\($0)" } ?? "any remote"
            return Problem(
                .pathInUse, detail: "the endpoint \"\(holder)\" runs with local \(local) and \(peer)",
                violations: [.init(pointer: root.appending("local"), detail: "in use by \"\(holder)\"")])
        case .portHeld(let local, let program):
            return held(
                local, by: program ?? "another program",
                remedy: "stop that, choose another port, or play the port beside it: "
                    + "\"guard\": \"nftables\" keeps back the kernel's resets, \"none\" does not",
                at: root)
        case .portReserved(let local):
            return held(local, by: "this service's own HTTP API", remedy: "choose another port", at: root)
        case .guardedOtherwise(let local, let kind):
            return held(
                local, by: "an endpoint of this service whose guard is \(kind.rawValue)",
                remedy: "ask for that guard, or for \"auto\"", at: root)
        case .addressNotLocal(let address, let namespace):
            let place = namespace.map { "the network namespace \"\($0)\"" } ?? "this host"
            return invalid(
                "\(address) is not an address of \(place)", at: root.appending("local").appending("address"))
        case .unknownNamespace(let name):
            return invalid(
                "there is no network namespace \"\(name)\" in \(NetworkNamespace.directory); "
                    + "make it by: ip netns add \(name)",
                at: root.appending("namespace"))
        case .namespaceUnusable(let name, .invalidArgument):
            return invalid(
                "\(NetworkNamespace.directory)/\(name) is no network namespace", at: root.appending("namespace"))
        case .namespaceUnusable(let name, let error):
            let remedy = error == .notPermitted ? "; \(CapabilityAdvice.toGrant(.sysAdmin))" : ""
            return Problem(
                .namespaceUnavailable, detail: "\(name): \(error)\(remedy)",
                violations: [.init(pointer: root.appending("namespace"), detail: "\"\(name)\" cannot be entered")]
            ).retryAfter(seconds: 60)
        case .namespacesOff:
            return Problem(
                .namespaceUnavailable, detail: "segmentd was started with --without namespaces",
                violations: [.init(pointer: root.appending("namespace"), detail: "only null can be had")]
            ).retryAfter(seconds: 60)
        case .destinationNotAllowed(let address, let allowed):
            let list = allowed.map(\.description).joined(separator: ", ")
            return Problem(
                .destinationNotAllowed,
                detail: "\(address) is not in \(list.isEmpty ? "any allowed range" : list); "
                    + "start segmentd with --allow-egress to allow more",
                violations: [.init(pointer: destination, detail: "\(address) is not allowed")],
                extensions: SendRule.egress.members(allowed))
        case .destinationUnbounded(let allowed):
            let list = allowed.map(\.description).joined(separator: ", ")
            return Problem(
                .destinationNotAllowed,
                detail: "the destination can become any address; give values or a range within \(list)",
                violations: [.init(pointer: destination, detail: "has no bounds")],
                extensions: SendRule.egress.members(allowed, isAllowable: false))
        case .destinationNotUnicast(let address):
            let rule: SendRule = address.isMulticast ? .multicast : .broadcast
            return Problem(
                .destinationNotAllowed, detail: "\(address) is not the address of one host; \(rule.remedy)",
                violations: [.init(pointer: destination, detail: "\(address) is not unicast")],
                extensions: rule.members())
        case .sourceReplacedByKernel:
            return invalid(
                "0.0.0.0 would be replaced by the kernel; give values that leave it out", at: source)
        case .sourceNotAllowed(let address, let own):
            return Problem(
                .sourceNotAllowed,
                detail: "\(address) is not the endpoint's own address, \(own); "
                    + "start segmentd with --allow-spoofing to send as others",
                violations: [
                    .init(pointer: source, detail: "\(address) is not \(own)")
                ],
                extensions: SendRule.spoofing.members())
        case .sourceRouteNotAllowed(let kind):
            return Problem(
                .destinationNotAllowed,
                detail: "the source-route option \(kind) would send past the allow-list of destinations",
                violations: [
                    .init(pointer: segment.appending("ip").appending("options"), detail: "option \(kind) is refused")
                ],
                extensions: SendRule.sourceRoute.members())
        case .destinationMissing:
            return invalid(
                "the endpoint has no remote, so ip.destination and destinationPort must be given",
                at: segment.appending("ip").appending("destination"))
        case .endpointStopped(let id):
            let places = located.step.map { [body.place(ofStep: $0).appending("endpoint")] } ?? []
            return Problem(
                .endpointStopped, detail: "start it by POST /endpoints/\(id)/start",
                violations: places.map { .init(pointer: $0, detail: "\"\(id)\" is stopped") })
        case .unknownRun(let number):
            return Problem(.notFound, detail: "there is no run \"\(RunJSON.identifier(of: number))\"")
        case .tooManyRuns(let limit):
            return Problem(.tooManyRuns, detail: "the limit is \(limit); wait").retryAfter(seconds: 1)
        case .queueFull(let limit):
            return Problem(
                .tooManyQueuedOctets, detail: "the limit is \(limit) octets of segments under way; wait"
            ).retryAfter(seconds: 1)
        case .segmentsTooLarge(let octets, let limit):
            return invalid(
                "the segments take \(octets) octets, may take \(limit); send fewer at a time, or start segmentd with "
                    + "a higher --max-queued-octets", at: root)
        case .tooManyLabels(let limit):
            return invalid("an endpoint may have \(limit) labels", at: root.appending("labels"))
        case .tooManyEndpoints(let limit):
            return Problem(.tooManyEndpoints, detail: "the limit is \(limit); remove some").retryAfter(seconds: 1)
        case .unknownTransmission(let number):
            return Problem(
                .notFound, detail: "there is no transmission \"\(TransmissionJSON.identifier(of: number))\"")
        case .tooManyTransmissions(let limit):
            return Problem(.tooManyTransmissions, detail: "the limit is \(limit); wait").retryAfter(seconds: 1)
        case .guardUnavailable(let kind, let error):
            return unavailable(kind, error, at: root)
        case .cannotOpen(let what, let error):
            let remedy =
                switch error {
                case .notPermitted: "; \(CapabilityAdvice.toGrant(.netRaw))"
                case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
                    "; raise the limit of open files (ulimit -n, or LimitNOFILE= of the service)"
                default: ""
                }
            return Problem(.noRawSocket, detail: "\(what): \(error)\(remedy)").retryAfter(seconds: 60)
        case .segmentImpossible(let error):
            return invalid("\(error)", at: segment)
        case .stopping:
            return Problem(.stopping).retryAfter(seconds: 1)
        }
    }

    private static func invalid(_ detail: String, at pointer: JSONPointer) -> Problem {
        let violations = Violations()
        violations.add(detail, at: pointer)
        do throws(Problem) {
            try violations.check()
        } catch {
            return error
        }
        return Problem(.internalError)
    }

    private static func held(
        _ local: TransportAddress, by holder: String, remedy: String, at root: JSONPointer
    ) -> Problem {
        Problem(
            .portHeld, detail: "\(local) is held by \(holder); \(remedy)",
            violations: [.init(pointer: root.appending("local").appending("port"), detail: "\(local.port) is held")])
    }

    /// Why a guard cannot be had, and what it would take.
    static func reason(for refusal: GuardRefusal) -> String {
        let remedy =
            switch refusal.error {
            case .notPermitted: "it needs CAP_NET_ADMIN"
            case .accessDenied: "to hold this port needs CAP_NET_BIND_SERVICE"
            case .tooManyOpenFiles: "each needs an open file; raise the limit on them (ulimit -n)"
            default: "this kernel does not offer it"
            }
        return "\(refusal.error); \(remedy)"
    }

    private static func unavailable(_ kind: KernelGuard, _ error: Errno, at root: JSONPointer) -> Problem {
        let reason = reason(for: GuardRefusal(kind: kind, error: error))
        return Problem(
            .guardUnavailable, detail: "\(kind.rawValue): \(reason). \"auto\" takes what can be had",
            violations: [.init(pointer: root.appending("guard"), detail: "\(kind.rawValue) cannot be had")]
        ).retryAfter(seconds: 60)
    }

    /// Where the segment is that an error is about.
    private static func place(of segment: EngineError.SegmentPlace?, under root: JSONPointer) -> JSONPointer {
        switch segment {
        case .opening(let index): root.appending("opening").appending(index)
        case .reply(let index, let rule):
            root.appending("rules").appending(rule).appending("reply").appending(index)
        case nil: root
        }
    }
}
