import CFloor
import ControlAPI
import HTTPMessage
import LinuxSystem
import SegmentEngine

/// Making the answer to `GET /segments?limit=1000` from a filled ring.
struct EncoderPath {
    private static let segments: UInt64 = 1000

    let scale: Scale

    func measure() throws(BenchmarkError) -> [Row] {
        let engine = try EngineUnderTest()
        do throws(BenchmarkError) {
            let row = try measure(engine)
            engine.end()
            return [row]
        } catch {
            engine.end()
            throw error
        }
    }

    private func measure(_ engine: borrowing EngineUnderTest) throws(BenchmarkError) -> Row {
        try engine.create([Scenery.endpoint("receiver", local: Scenery.loopback(Scenery.receiverPort))])
        var path = Scenery.loopbackPath
        _ = try Scenery.checked(unsafe cfloor_send(&path, Self.segments), "sending what is to be read")
        try engine.wait(untilReceived: Self.segments)
        let api = ControlAPI(
            engine: engine.handle, version: ServiceVersion(version: "0", commit: nil, api: "0"), limits: [],
            instance: "benchmark")
        guard let request = try? HTTPRequest(method: "GET", target: "/segments?limit=\(Self.segments)") else {
            throw .unexpected("a request is not one")
        }
        var costs: [Double] = []
        try Core.measuring { () throws(BenchmarkError) in
            for _ in 0..<(20 * scale.rounds) {
                let responder = HTTPResponder()
                let start = Clock.monotonicNanoseconds
                api.answer(request).come(by: responder)
                let response = responder.takeResponse()
                let taken = Clock.monotonicNanoseconds - start
                guard response?.status == 200 else { throw .unexpected("segments cannot be read") }
                costs.append(Double(taken) / Double(Self.segments))
            }
        }
        return Row(
            "GET /segments?limit=1000, made", unit: "ns/segment", ours: Statistics(costs).median, target: .atMost(1000))
    }
}
