import Measuring
import SegmentEngine

/// What the engine has to do, and how it does.
enum EngineMetrics {
    static func write(_ engine: EngineHandle, to text: inout ExpositionWriter) {
        writeEndpoints(engine, to: &text)
        writeTransmissions(engine, to: &text)
        writeRuns(engine, to: &text)
        writeRing(engine, to: &text)
        text.begin(waiters)
        text.sample(engine.watch.places.takenCount)
        text.begin(waiterLimit)
        text.sample(engine.watch.places.limit)
        text.begin(waitingCommands)
        text.sample(engine.waitingCommands)
        text.begin(waitingCommandLimit)
        text.sample(engine.configuration.mailboxCapacity)
        text.begin(turns)
        text.sample(engine.activity.turns.snapshot)
        text.begin(stalled)
        text.sample(nanoseconds: engine.lookForStalling())
    }

    private static func writeEndpoints(_ engine: EngineHandle, to text: inout ExpositionWriter) {
        let counts = engine.endpoints.stateCounts
        text.begin(endpoints)
        text.sample(counts.running, ["state": "running"])
        text.sample(counts.stopped, ["state": "stopped"])
        text.sample(counts.degraded, ["state": "degraded"])
        text.begin(endpointLimit)
        text.sample(engine.configuration.maximumEndpoints)
    }

    private static func writeTransmissions(_ engine: EngineHandle, to text: inout ExpositionWriter) {
        let counts = engine.transmissions.stateCounts
        text.begin(transmissions)
        text.sample(counts.queued, ["state": "queued"])
        text.sample(counts.sending, ["state": "sending"])
        text.begin(transmissionLimit)
        text.sample(engine.configuration.maximumTransmissions)
        text.begin(endedTransmissions)
        text.sample(counts.done, ["state": "done"])
        text.sample(counts.cancelled, ["state": "cancelled"])
        text.sample(counts.lost, ["state": "lost"])
    }

    private static func writeRuns(_ engine: EngineHandle, to text: inout ExpositionWriter) {
        let counts = engine.runs.stateCounts
        text.begin(runs)
        text.sample(counts.queued, ["state": "queued"])
        text.sample(counts.running, ["state": "running"])
        text.begin(runLimit)
        text.sample(engine.configuration.maximumRuns)
        text.begin(endedRuns)
        text.sample(counts.satisfied, ["verdict": "satisfied"])
        text.sample(counts.unsatisfied, ["verdict": "unsatisfied"])
        text.sample(counts.inconclusive, ["verdict": "inconclusive"])
        text.sample(counts.withoutVerdict, ["verdict": "none"])
    }

    private static func writeRing(_ engine: EngineHandle, to text: inout ExpositionWriter) {
        let use = engine.captures.use
        text.begin(ringSegments)
        text.sample(use.records)
        text.begin(ringSegmentLimit)
        text.sample(engine.captures.capacity)
        text.begin(ringBytes)
        text.sample(use.octets)
        text.begin(ringByteLimit)
        text.sample(engine.captures.octetCapacity)
    }

    private static let endpoints = MetricFamily(.gauge, "segmentd_endpoints", "Endpoints, by their state.")
    private static let endpointLimit = MetricFamily(
        .gauge, "segmentd_endpoints_limit", "How many endpoints there may be.")
    private static let transmissions = MetricFamily(
        .gauge, "segmentd_transmissions", "Transmissions under way, by their state.")
    private static let transmissionLimit = MetricFamily(
        .gauge, "segmentd_transmissions_limit", "How many transmissions may be under way.")
    private static let endedTransmissions = MetricFamily(
        .counter, "segmentd_ended_transmissions", "Transmissions that have ended, by their last state.")
    private static let runs = MetricFamily(.gauge, "segmentd_runs", "Runs that are live, by their state.")
    private static let runLimit = MetricFamily(.gauge, "segmentd_runs_limit", "How many runs may be live.")
    private static let endedRuns = MetricFamily(
        .counter, "segmentd_ended_runs", "Runs that have ended, by their verdict; those that were cancelled have none.")
    private static let ringSegments = MetricFamily(
        .gauge, "segmentd_ring_segments", "Segments and marks of losses that the capture ring holds.")
    private static let ringSegmentLimit = MetricFamily(
        .gauge, "segmentd_ring_segments_limit", "How many segments the capture ring may hold.")
    private static let ringBytes = MetricFamily(
        .gauge, "segmentd_ring_bytes", unit: .bytes, "Octets that the capture ring's datagrams take.")
    private static let ringByteLimit = MetricFamily(
        .gauge, "segmentd_ring_limit_bytes", unit: .bytes, "How many octets the capture ring's datagrams may take.")
    private static let waiters = MetricFamily(
        .gauge, "segmentd_waiters", "Requests that wait because they asked to, streams of segments included.")
    private static let waiterLimit = MetricFamily(
        .gauge, "segmentd_waiters_limit", "How many requests may wait because they asked to.")
    private static let waitingCommands = MetricFamily(
        .gauge, "segmentd_waiting_commands", "Commands of requests that the engine has not taken yet.")
    private static let waitingCommandLimit = MetricFamily(
        .gauge, "segmentd_waiting_commands_limit", "How many commands may wait for the engine.")
    private static let turns = MetricFamily(
        .histogram, "segmentd_engine_turn_duration_seconds", unit: .seconds,
        "How long the engine worked at a time, before it slept or asked what else there was.")
    private static let stalled = MetricFamily(
        .gauge, "segmentd_engine_stalled_seconds", unit: .seconds,
        "For how long the engine has had something to do and not been done with it; 0 while it has nothing to do.")
}
