import HTTPMessage
import LinuxSystem
import Testing

@testable import SegmentEngine

@Suite struct OperationRouteTests {
    private static let engineTurns = #"{"name":"engine","ok":true,"detail":"the engine turns","remedy":null}"#
    private static let engineStands =
        #"{"name":"engine","ok":false,"detail":"the engine did not answer in time","#
        + #""remedy":"look at the log, and restart segmentd"}"#
    private static let rawSocket =
        #"{"name":"rawSocket","ok":true,"detail":"a raw socket can be opened","remedy":null}"#

    @Test(arguments: [
        ("/healthz", #"{"status":"ok"}"#), ("/version", #"{"version":"1.2.3","commit":null,"api":"1"}"#),
        (
            "/limits",
            #"{"ringSegments":8,"maximumEndpoints":100,"rulesPerEndpoint":64,"repliesPerRule":16,"#
                + #""waitingAnswersPerRule":64,"openingsPerEndpoint":64,"labelsPerEndpoint":64,"labelOctets":256,"#
                + #""stepsPerRun":1000,"runSeconds":3600,"backlogPerRun":4096,"octetsPerRun":4194304,"#
                + #""segmentsPerRequest":10000,"packetsPerCapture":100000,"filterOctets":2048,"filterInstructions":4080,"#
                + #""pageEntries":10000,"idempotencyKeys":10000,"idempotencyKeyCharacters":255,"#
                + #""idempotencySeconds":600,"idempotencyOctets":33554432,"jsonDepth":32}"#
        ),
    ])
    func tellsWhatItIs(target: String, expected: String) throws {
        let response = try Bench().answer("GET", target)
        #expect(response.status == 200)
        #expect(response.text == expected)
        #expect(response.headers == [HTTPField("Content-Type", "application/json")])
    }

    @Test func removesEverything() throws {
        let response = try Bench().answer("POST", "/reset")
        #expect(response.status == 200)
        #expect(response.text == #"{"endpoints":2,"transmissions":3,"segments":4,"runs":5}"#)
    }

    @Test func isReadyWhenTheEngineTurnsAndASocketCanBeHad() throws {
        let bench = try Bench()
        bench.engine.health.publish(.usable(receiveBufferOctets: 8 << 20))
        let response = try bench.answer("GET", "/readyz")
        #expect(response.status == 200)
        #expect(
            response.text
                == #"{"status":"ok","checks":[\#(Self.engineTurns),\#(Self.rawSocket),{"name":"receiveBuffer","ok":true,"#
                + #""detail":"8388608 of 8388608 octets were granted","remedy":null}]}"#)
    }

    @Test func saysHowToGetALargerBufferAndIsReadyAllTheSame() throws {
        let bench = try Bench()
        bench.engine.health.publish(.usable(receiveBufferOctets: 212_992))
        let response = try bench.answer("GET", "/readyz")
        #expect(response.status == 200)
        #expect(
            response.text.contains(
                #"{"name":"receiveBuffer","ok":false,"detail":"212992 of 8388608 octets were granted","#
                    + #""remedy":"sysctl -w net.core.rmem_max=8388608, or \#(Self.advice("NET_ADMIN"))"}"#))
    }

    @Test(arguments: [
        (nil as EngineHealth.RawSocket?, "not tried yet", "null"),
        (
            .unusable(.notPermitted), "a raw socket cannot be opened: Operation not permitted (EPERM)",
            #""\#(advice("NET_RAW"))""#
        ),
        (.unusable(.noMemory), "a raw socket cannot be opened: Cannot allocate memory (ENOMEM)", "null"),
    ])
    func isNotReadyWithoutARawSocket(health: EngineHealth.RawSocket?, detail: String, remedy: String) throws {
        let bench = try Bench()
        if let health { bench.engine.health.publish(health) }
        let response = try bench.answer("GET", "/readyz")
        #expect(response.status == 503)
        #expect(response["Retry-After"] == "1")
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(
            response.text
                == #"{"type":"/problems/not-ready","title":"The service cannot do its work","status":503,"#
                + #""detail":"\#(detail)","checks":[\#(Self.engineTurns),"#
                + #"{"name":"rawSocket","ok":false,"detail":"\#(detail)","remedy":\#(remedy)}]}"#)
    }

    @Test(
        arguments: [
            (.usable, true, nil), (.off, true, nil), (.unusable(.notPermitted), false, advice("SYS_ADMIN")),
            (.unusable(.noMemory), false, nil),
        ] as [(EngineHealth.Namespaces, Bool, String?)])
    func tellsWhatIsOffAndHowToGrantIt(namespaces: EngineHealth.Namespaces, isOK: Bool, remedy: String?) throws {
        let bench = try Bench()
        bench.engine.health.publish(.usable(receiveBufferOctets: 8 << 20))
        bench.engine.health.publish(namespaces: namespaces)
        bench.engine.health.publish(holdsPrivilegedPorts: isOK)
        bench.engine.health.publish(namesAllPortHolders: isOK)
        let response = try bench.answer("GET", "/readyz")
        #expect(response.status == 200, "none of it is required")
        #expect(response.text.contains(#"{"name":"namespaces","ok":\#(isOK),"#))
        #expect(response.text.contains(#"{"name":"privilegedPorts","ok":\#(isOK),"#))
        #expect(response.text.contains(#"{"name":"portHolders","ok":\#(isOK),"#))
        #expect(response.text.contains(Self.advice("NET_BIND_SERVICE")) != isOK)
        #expect(response.text.contains("CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH") != isOK)
        if let remedy { #expect(response.text.contains(remedy)) }
    }

    private static func advice(_ capability: String) -> String {
        "give segmentd CAP_\(capability): start it as root, with AmbientCapabilities=CAP_\(capability) in its systemd unit, "
            + "or with cap_add: [\(capability)] in a container"
    }

    @Test func isNotReadyWhenTheEngineDoesNotAnswer() throws {
        let bench = try Bench()
        bench.engine.health.publish(.usable(receiveBufferOctets: 8 << 20))
        let responder = try bench.begin("GET", "/readyz")
        #expect(!responder.isAnswered)
        #expect(responder.patienceMilliseconds == 600)
        responder.giveUp()
        let response = try #require(responder.takeResponse())
        #expect(response.status == 503)
        #expect(response.text.contains(Self.engineStands))
        #expect(response.json?["detail"]?.text == "the engine did not answer in time")
        // Its late answer goes nowhere.
        bench.obeyPosted()
        #expect(responder.takeResponse() == nil)
    }

    @Test func isNotReadyWhenTooMuchWaitsForTheEngine() throws {
        let bench = try Bench { $0.mailboxCapacity = 1 }
        _ = try bench.begin("POST", "/reset")
        let response = try #require(bench.begin("GET", "/readyz").takeResponse())
        #expect(response.status == 503)
        #expect(response.text.contains(Self.engineStands))
    }

    @Test(arguments: [
        ("POST", "/endpoints", #"{"role":"server"}"#), ("POST", "/endpoints/server/start", ""),
        ("POST", "/endpoints/server/stop", ""), ("DELETE", "/endpoints/server", ""),
        ("POST", "/endpoints/server/segments", "{}"), ("POST", "/reset", ""),
    ])
    func doesNotWaitForAnEngineForEver(method: String, target: String, body: String) throws {
        let bench = try Bench { $0.mailboxCapacity = 1 }
        bench.publish(EndpointDefinition(preset: .server))
        let responder = try bench.begin(method, target, body)
        #expect(!responder.isAnswered)
        #expect(responder.patienceMilliseconds == 10_000)

        let busy = try #require(bench.begin(method, target, body).takeResponse())
        #expect(busy.status == 503)
        #expect(busy["Retry-After"] == "1")
        #expect(
            busy.text
                == #"{"type":"/problems/engine-busy","title":"The engine has too much to do","status":503,"#
                + #""detail":"1 commands wait, or it is stopping"}"#)

        responder.giveUp()
        let stalled = try #require(responder.takeResponse())
        #expect(stalled.status == 503)
        #expect(
            stalled.text
                == #"{"type":"/problems/engine-stalled","title":"The engine does not answer","status":503,"#
                + #""detail":"no answer in 10000 ms"}"#)
    }
}
