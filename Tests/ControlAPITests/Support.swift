import ControlAPI
import HTTPMessage
import JSONText
import LinuxSystem
import TCPWire
import Testing

@testable import SegmentEngine

/// The API over an engine that exists on paper: it does at once what it is asked, or fails as told.
final class Bench {
    /// When everything here was created and started: 2026-11-22T16:45:01.123456789Z.
    static let time: Int64 = 1_795_365_901_123_456_789

    let engine: EngineHandle
    let api: ControlAPI
    /// What the API has named its routes for.
    let meter = HTTPMeter()
    /// Answers those who wait for segments, when a test has it look.
    private var watcher: CaptureWatcher
    /// What every command but a ping is answered with, instead of being obeyed.
    var failure: EngineError.Located?
    /// What was posted last.
    private(set) var latest: EngineCommand?
    private var nextSerial: UInt32 = 1

    init(state: StateJournal? = nil, _ change: (inout EngineConfiguration) -> Void = { _ in }) throws {
        var configuration = EngineConfiguration()
        configuration.ringSegments = 8
        configuration.ringOctets = 1 << 17
        configuration.maximumEndpoints = 100
        change(&configuration)
        engine = try EngineHandle(configuration: configuration)
        watcher = try CaptureWatcher(handle: engine)
        api = ControlAPI(
            engine: engine, version: ServiceVersion(version: "1.2.3", commit: nil, api: "1"),
            limits: [ServiceLimit(name: "ringSegments", value: 8), ServiceLimit(name: "maximumEndpoints", value: 100)],
            instance: "i1", state: state, meter: meter)
    }

    deinit {
        // Whoever still waits holds on to the engine's handle, which holds those who wait.
        engine.watch.shutDown()
    }

    /// The whole answer to a request.
    func answer(
        _ method: String, _ target: String, _ body: String = "", headers: [HTTPField] = []
    ) throws -> HTTPResponse {
        let responder = try begin(method, target, body, headers: headers)
        obeyPosted()
        return try #require(responder.takeResponse())
    }

    /// A request that the engine has not got to yet.
    func begin(
        _ method: String, _ target: String, _ body: String = "", headers: [HTTPField] = []
    ) throws -> HTTPResponder {
        let responder = HTTPResponder()
        let request = try HTTPRequest(
            method: method, target: target, headers: HTTPHeaders(headers), body: [UInt8](body.utf8))
        api.answer(request).come(by: responder)
        return responder
    }

    /// Has those who wait for segments looked after, until nobody has more to look at.
    func watch() {
        while watcher.turn() == true {}
    }

    func obeyPosted() {
        for command in engine.takePosted() { obey(command) }
    }

    /// Publishes an endpoint as it would be when it runs.
    @discardableResult
    func publish(_ definition: EndpointDefinition, state: EndpointRecord.State = .running) -> EndpointRecord {
        let present = definition.id.flatMap { engine.endpoints.endpoint($0) }
        let record = EndpointRecord(
            id: definition.id ?? definition.role.rawValue, serial: present?.serial ?? nextSerial,
            definition: definition, state: state, activeGuard: state == .stopped ? .none : .md5,
            guardRefusals: state == .stopped ? [] : [GuardRefusal(kind: .listener, error: .notPermitted)], cursor: 42,
            warnings: [], createdAt: Self.time, startedAt: state == .stopped ? nil : Self.time,
            counters: present?.counters ?? EngineCounters(), socket: nil, earlierDrops: 0)
        if present == nil { nextSerial += 1 }
        engine.endpoints.publish(record)
        return record
    }

    /// Keeps a segment as the engine would, or an error about one when there is a report.
    @discardableResult
    func capture(
        _ octets: [UInt8], _ kind: CaptureRecord.Kind = .received, endpoint: UInt32 = 1, lost: UInt32 = 0,
        report: CaptureRecord.NetworkReport? = nil
    ) -> UInt64 {
        let record: CaptureRecord
        if let report {
            record = CaptureRecord(
                report, endpoint: endpoint, slot: 0, socket: 1, timestampNanoseconds: Self.time)
        } else {
            record = CaptureRecord(
                kind: kind, endpoint: endpoint, slot: 0, socket: 1, timestampNanoseconds: Self.time,
                malformed: Malformation.set(in: octets.span), lost: lost)
        }
        return engine.captures.write { ring in ring.append(record, octets.span) }
    }

    private func obey(_ command: EngineCommand) {
        latest = command
        switch command {
        case .create(let definitions, let completion):
            completion(outcome { definitions.map { publish($0, state: $0.startsAtOnce ? .running : .stopped) } })
        case .start(let id, let completion): completion(outcome { changed(id, to: .running) })
        case .stop(let id, let completion): completion(outcome { changed(id, to: .stopped) })
        case .change(let id, let change, let completion):
            completion(
                outcome {
                    let present = engine.endpoints.endpoint(id)
                    let definition = change.applied(to: present?.definition ?? EndpointDefinition(preset: .server))
                    return publish(definition, state: present?.state ?? .running)
                })
        case .remove(let id, let completion):
            completion(
                outcome {
                    let last = changed(id, to: .stopped)
                    engine.endpoints.remove(last, latestCapture: 100, oldestCapture: 1)
                    return last
                })
        case .send(let plan, let id, _, let completion):
            completion(outcome { engine.transmissions.begin(endpoint: id, requested: plan.segmentCount ?? .max) })
        case .awaitEnd(let number, _, let completion): awaitEnd(number, completion)
        case .cancel(let number, let completion): cancel(number, completion)
        case .run(let plan, _, let completion): completion(outcome { engine.runs.begin(plan, createdAt: Self.time) })
        case .awaitRun(let number, _, let completion): completion(run(number))
        case .endRun(let number, let completion): endRun(number, completion)
        case .reset(let completion):
            completion(outcome { ResetSummary(endpoints: 2, transmissions: 3, segments: 4, runs: 5) })
        case .ping(let completion), .restore(_, _, let completion): completion()
        case .shutDown: break
        }
    }

    private func awaitEnd(_ number: UInt64, _ completion: EngineCommand.Completion<TransmissionRecord>) {
        guard failure == nil, let record = engine.transmissions.transmission(number) else {
            completion(.failure(failure ?? .init(.unknownTransmission(number: number))))
            return
        }
        completion(.success(record))
    }

    private func run(_ number: UInt64) -> Result<RunRecord, EngineError.Located> {
        guard failure == nil, let record = engine.runs.run(number) else {
            return .failure(failure ?? .init(.unknownRun(number: number)))
        }
        return .success(record)
    }

    /// Cancels a run that is live, and removes one that is not.
    private func endRun(_ number: UInt64, _ completion: EngineCommand.Completion<RunRecord?>) {
        guard case .success(var record) = run(number) else {
            completion(.failure(failure ?? .init(.unknownRun(number: number))))
            return
        }
        guard !record.hasEnded else {
            engine.runs.remove(number)
            completion(.success(nil))
            return
        }
        record.state = .cancelled
        engine.runs.publish(record)
        completion(.success(record))
    }

    private func cancel(_ number: UInt64, _ completion: EngineCommand.Completion<TransmissionRecord>) {
        guard failure == nil, var record = engine.transmissions.transmission(number) else {
            completion(.failure(failure ?? .init(.unknownTransmission(number: number))))
            return
        }
        if !record.hasEnded { record.state = .cancelled }
        engine.transmissions.publish(record)
        completion(.success(record))
    }

    private func changed(_ id: String, to state: EndpointRecord.State) -> EndpointRecord {
        var definition = engine.endpoints.endpoint(id)?.definition ?? EndpointDefinition(preset: .server)
        definition.id = id
        return publish(definition, state: state)
    }

    private func outcome<Success>(_ success: () -> Success) -> Result<Success, EngineError.Located> {
        failure.map { .failure($0) } ?? .success(success())
    }
}

extension HTTPResponse {
    /// The body without the line end behind it.
    var text: String {
        let text = String(decoding: body, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    var json: JSONValue? { try? JSONParser.parse(body.span) }

    /// Each violation as `place: detail`.
    var violations: [String] {
        guard case .array(let violations)? = json?["violations"] else { return [] }
        return violations.map { violation in
            let place = violation["pointer"] ?? violation["parameter"] ?? violation["header"]
            return "\(place?.text ?? "?"): \(violation["detail"]?.text ?? "?")"
        }
    }
}

extension JSONValue {
    subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}

/// A generator that repeats itself from a seed (SplitMix64), so that a failing
/// case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func octets(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// One of several values.
    mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &self)]
    }
}
