import HTTPMessage
import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

@Suite struct EngineProblemTests {
    private static let here = TransportAddress(address: .loopback, port: 50_000)
    private static let far = IPv4Address(rawValue: 0xc000_0201)
    private static let lo = IPv4Prefix("127.0.0.0/8").map { [$0] } ?? []

    static let problems: [(EngineError, Int, String, String?, String)] = [
        (.unknownEndpoint(id: "x"), 404, "not-found", nil, ""),
        (.idInUse(id: "x"), 409, "id-in-use", nil, #"/id: "x" is in use"#),
        (.pathInUse(local: here, remote: nil, holder: "x"), 409, "path-in-use", nil, #"/local: in use by "x""#),
        (.portHeld(here), 409, "port-held", nil, "/local/port: 50000 is held"),
        (.portReserved(here), 409, "port-held", nil, "/local/port: 50000 is held"),
        (.guardedOtherwise(here, .md5), 409, "port-held", nil, "/local/port: 50000 is held"),
        (
            .addressNotLocal(far, namespace: "left"), 422, "invalid-field", nil,
            #"/local/address: 192.0.2.1 is not an address of the network namespace "left""#
        ),
        (
            .unknownNamespace("left"), 422, "invalid-field", nil,
            #"/namespace: there is no network namespace "left" in /run/netns; make it by: ip netns add left"#
        ),
        (
            .namespaceUnusable("left", .invalidArgument), 422, "invalid-field", nil,
            "/namespace: /run/netns/left is no network namespace"
        ),
        (
            .namespaceUnusable("left", .notPermitted), 503, "namespace-unavailable", "60",
            #"/namespace: "left" cannot be entered"#
        ),
        (.namespacesOff, 503, "namespace-unavailable", "60", "/namespace: only null can be had"),
        (.addressNotLocal(far), 422, "invalid-field", nil, "/local/address: 192.0.2.1 is not an address of this host"),
        (
            .destinationNotAllowed(far, allowed: lo), 403, "destination-not-allowed", nil,
            "/remote/address: 192.0.2.1 is not allowed"
        ),
        (.destinationNotUnicast(far), 403, "destination-not-allowed", nil, "/remote/address: 192.0.2.1 is not unicast"),
        (
            .sourceNotAllowed(far, own: .loopback), 403, "source-not-allowed", nil,
            "/ip/source: 192.0.2.1 is not 127.0.0.1"
        ),
        (.sourceRouteNotAllowed(kind: 0x83), 403, "destination-not-allowed", nil, "/ip/options: option 131 is refused"),
        (.endpointStopped(id: "x"), 409, "endpoint-stopped", nil, ""),
        (.tooManyEndpoints(limit: 5), 429, "too-many-endpoints", "1", ""),
        (.unknownTransmission(number: 7), 404, "not-found", nil, ""),
        (.tooManyTransmissions(limit: 5), 429, "too-many-transmissions", "1", ""),
        (.queueFull(limit: 5), 429, "too-many-queued-octets", "1", ""),
        (
            .segmentsTooLarge(9, limit: 5), 422, "invalid-field", nil,
            ": the segments take 9 octets, may take 5; send fewer at a time, or start segmentd with a higher "
                + "--max-queued-octets"
        ),
        (.guardUnavailable(.listener, .notPermitted), 503, "guard-unavailable", "60", "/guard: listener cannot be had"),
        (.cannotOpen(what: "a raw socket", .notPermitted), 503, "no-raw-socket", "60", ""),
        (
            .segmentImpossible(.segmentTooLong(70_000)), 422, "invalid-field", nil,
            ": a segment of 70000 octets is longer than 65515"
        ),
        (.stopping, 503, "stopping", "1", ""),
    ]

    @Test(arguments: problems)
    func hasItsStatusAndItsPlace(
        error: EngineError, status: Int, slug: String, retryAfter: String?, violation: String
    ) throws {
        let bench = try Bench()
        bench.failure = .init(error)
        let response = try bench.answer("POST", "/endpoints", #"{"role":"server"}"#)
        #expect(response.status == status)
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(response["Retry-After"] == retryAfter)
        #expect(response.json?["type"]?.text == "/problems/\(slug)")
        #expect(response.json?["status"] == .number(JSONNumber(status)))
        #expect(response.violations == (violation.isEmpty ? [] : [violation]))

        // In a list, the place says which one.
        bench.failure = .init(error, index: 1)
        let list = try bench.answer("POST", "/endpoints", #"[{"role":"server"},{"role":"client"}]"#)
        #expect(list.status == status)
        #expect(list.violations == (violation.isEmpty ? [] : ["/1" + violation]))
    }

    @Test(
        arguments: [
            (.destinationNotAllowed(far, allowed: lo), "/ip/destination: 192.0.2.1 is not allowed"),
            (.destinationNotUnicast(.any), "/ip/destination: 0.0.0.0 is not unicast"),
            (.sourceNotAllowed(far, own: .loopback), "/ip/source: 192.0.2.1 is not 127.0.0.1"),
            (
                .destinationMissing,
                "/ip/destination: the endpoint has no remote, so ip.destination and destinationPort must be given"
            ),
        ] as [(EngineError, String)])
    func liesWhereTheSegmentSaysIt(error: EngineError, violation: String) throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        bench.failure = .init(error)
        #expect(try bench.answer("POST", "/endpoints/server/segments", "{}").violations == [violation])

        bench.failure = .init(error, segment: .reply(2, ofRule: 1))
        let inRule = try bench.answer("POST", "/endpoints", #"{"role":"server"}"#)
        #expect(inRule.violations == ["/rules/1/reply/2" + violation])
        bench.failure = .init(error, index: 3, segment: .opening(0))
        let inList = try bench.answer("POST", "/endpoints", #"[{"role":"server"}]"#)
        #expect(inList.violations == ["/3/opening/0" + violation])
    }

    @Test(
        arguments: [
            (
                .portReserved(here),
                "127.0.0.1:50000 is held by this service's own HTTP API; choose another port"
            ),
            (.idInUse(id: "x"), "there is an endpoint \"x\" already; leave the id out to have one made"),
            (
                .pathInUse(local: here, remote: here, holder: "x"),
                "the endpoint \"x\" runs with local 127.0.0.1:50000 and 127.0.0.1:50000"
            ),
            (
                .destinationNotAllowed(far, allowed: lo),
                "192.0.2.1 is not in 127.0.0.0/8; start segmentd with --allow-egress to allow more"
            ),
            (
                .destinationNotAllowed(far, allowed: []),
                "192.0.2.1 is not in any allowed range; start segmentd with --allow-egress to allow more"
            ),
            (.endpointStopped(id: "x"), "start it by POST /endpoints/x/start"),
            (
                .guardUnavailable(.listener, .notPermitted),
                "listener: Operation not permitted (EPERM); it needs CAP_NET_ADMIN. \"auto\" takes what can be had"
            ),
            (
                .guardedOtherwise(here, .md5),
                "127.0.0.1:50000 is held by an endpoint of this service whose guard is md5; "
                    + "ask for that guard, or for \"auto\""
            ),
            (
                .guardUnavailable(.md5, .invalidArgument),
                "md5: Invalid argument (EINVAL); this kernel does not offer it. \"auto\" takes what can be had"
            ),
            (
                .cannotOpen(what: "a raw socket", .notPermitted),
                "a raw socket: Operation not permitted (EPERM); "
                    + "give segmentd CAP_NET_RAW: start it as root, with AmbientCapabilities=CAP_NET_RAW in its systemd unit, "
                    + "or with cap_add: [NET_RAW] in a container"
            ),
            (.cannotOpen(what: "a raw socket", .noMemory), "a raw socket: Cannot allocate memory (ENOMEM)"),
        ] as [(EngineError, String)])
    func saysWhatToDo(error: EngineError, detail: String) throws {
        let bench = try Bench()
        bench.failure = .init(error)
        let response = try bench.answer("POST", "/endpoints", #"{"role":"server"}"#)
        #expect(response.json?["detail"]?.text == detail)
    }

    /// The program is named when it can be seen.
    @Test(arguments: [(nil, "another program"), ("sshd (pid 812)", "sshd (pid 812)")])
    func namesTheProgramThatHoldsAPort(program: String?, shown: String) throws {
        let bench = try Bench()
        bench.failure = .init(.portHeld(Self.here, by: program))
        let response = try bench.answer("POST", "/endpoints", #"{"role":"server"}"#)
        let detail = try #require(response.json?["detail"]?.text)
        #expect(detail.hasPrefix("127.0.0.1:50000 is held by \(shown); "))
    }
}
