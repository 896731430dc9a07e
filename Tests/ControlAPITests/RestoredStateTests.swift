import HTTPMessage
import JSONText
import StateStore
import Testing

@testable import ControlAPI
@testable import SegmentEngine

@Suite struct RestoredStateTests {
    @Test(arguments: UInt64(0)..<300)
    func anEndpointIsReadAsItWasKept(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bench = try Bench()
        var definition = EndpointDefinition.random(using: &generator)
        let record = bench.publish(definition, state: seed.isMultiple(of: 2) ? .running : .stopped)
        let stored = StateEncoding.endpoint(record)
        let restored = try RestoredState(Self.state(endpoints: [stored])).endpoints
        definition.startsAtOnce = record.state == .running
        #expect(restored.map(\.definition) == [definition])
        #expect(restored.map(\.isStarted) == [record.state == .running])
        #expect(restored.map(\.createdAt) == [Bench.time])
        #expect(restored.map(\.serial) == [record.serial])
    }

    @Test(arguments: [
        ("", "there is no JSON value"), ("{}", "/role"), (#"{"role":"server","windw":1}"#, "/windw"),
        ("[]", "must be an object"),
    ])
    func tellsWhatItDoesNotUnderstand(definition: String, words: String) throws {
        let stored = StoredEndpoint(
            serial: 1, id: "odd", isStarted: true, createdAt: 1, startedAt: nil, definition: definition)
        let error = #expect(throws: RestoredState.NotUnderstood.self) {
            try RestoredState(Self.state(endpoints: [stored]))
        }
        #expect(error?.id == "odd")
        #expect(error.map { "\($0)".contains(words) } == true, "\(String(describing: error))")
    }

    @Test(arguments: [0, .max, .max - 1] as [UInt32])
    func refusesSerialNumbersThatNoneHas(serial: UInt32) throws {
        var stored = try StateEncoding.endpoint(Bench().publish(Self.server))
        #expect(try RestoredState(Self.state(endpoints: [stored])).endpoints.count == 1)
        stored.serial = .max - 2
        #expect(try RestoredState(Self.state(endpoints: [stored])).endpoints.count == 1)
        stored.serial = serial
        #expect(throws: RestoredState.NotUnderstood.self) { try RestoredState(Self.state(endpoints: [stored])) }
    }

    @Test func refusesADefinitionOfAnotherEndpoint() throws {
        var stored = try StateEncoding.endpoint(Bench().publish(Self.server))
        stored.id = "other"
        #expect(throws: RestoredState.NotUnderstood.self) { try RestoredState(Self.state(endpoints: [stored])) }
    }

    @Test func aRunThatHadNotEndedIsLost() throws {
        let bench = try Bench()
        var record = bench.engine.runs.begin(
            RunPlan(name: "n", endpoints: ["e"], steps: [.pause(nanoseconds: 1), .pause(nanoseconds: 1)]),
            createdAt: Bench.time)
        record.state = .running
        record.steps[0].state = .passed
        record.steps[1].state = .running
        let later = try Bench()
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let journal = try StateJournal(store: StateStore(path: place.path))
        var state = Self.state(endpoints: [])
        state.runs = [StateEncoding.run(record)]
        state.latestRun = 7
        try RestoredState(state).publish(in: later.engine, journal: journal)
        let response = try later.answer("GET", "/runs/r1?wait=1s")
        #expect(response.json?["state"]?.text == "lost")
        #expect(response.json?["reason"]?.text == "segmentd ended before it did")
        #expect(response.text.contains(#""state":"passed""#))
        #expect(response.text.contains(#""state":"skipped""#))
        let xml = try later.answer("GET", "/runs/r1", headers: [HTTPField("Accept", "application/xml")])
        #expect(xml.text.contains(#"name="state" value="lost""#))
        #expect(later.engine.runs.begin(RunPlan(name: nil, endpoints: [], steps: []), createdAt: 1).number == 8)
    }

    @Test func aTransmissionThatHadNotEndedIsLost() throws {
        var record = TransmissionRecord(number: 3, endpoint: "e", requested: 10)
        record.state = .sending
        record.outcomes[.sent] = 4
        let later = try Bench { $0.rememberedTransmissions = 2 }
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let journal = try StateJournal(store: StateStore(path: place.path))
        var state = Self.state(endpoints: [])
        state.transmissions = [StoredTransmission(number: 1, json: "{}"), StoredTransmission(number: 2, json: "{}")]
        state.transmissions.append(StateEncoding.transmission(record))
        try RestoredState(state).publish(in: later.engine, journal: journal)
        let response = try later.answer("GET", "/transmissions/t3?wait=1s")
        #expect(response.json?["state"]?.text == "lost")
        #expect(response.text.contains(#""attempted":4,"sent":4"#))
        #expect(try later.answer("GET", "/transmissions/t1").status == 404)
        #expect(try later.answer("GET", "/transmissions/t2").text == "{}")
    }

    private static var server: EndpointDefinition {
        var definition = EndpointDefinition(preset: .server)
        definition.id = "server"
        return definition
    }

    private static func state(endpoints: [StoredEndpoint]) -> StoredState {
        StoredState(endpoints: endpoints, transmissions: [], runs: [], latestTransmission: 0, latestRun: 0)
    }
}
