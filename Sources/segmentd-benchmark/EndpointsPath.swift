import CFloor
import LinuxSystem
import SegmentEngine
import TCPWire

/// What a received segment costs with many endpoints, each of which has its own; the floor is the engine with one.
struct EndpointsPath {
    private static let numbers = [1, 10, 100, 1000, 10_000]
    /// So many times as many rounds for the number that a promise is made for.
    private static let roundsFactor = 2

    let scale: Scale
    /// Where to draw the picture; `nil`: nowhere.
    let picture: String?

    func measure() throws(BenchmarkError) -> [Row] {
        var comparisons: [Comparison] = []
        var rows: [Row] = []
        for number in Self.numbers {
            // Both are new, because the memory of a ring costs more the first time it is used.
            let one = try EngineUnderTest()
            let many = try EngineUnderTest()
            let comparison: Comparison
            do throws(BenchmarkError) {
                try one.create([Scenery.endpoint("one", local: Scenery.loopback(Scenery.receiverPort))])
                comparison = try compare(many, of: number, with: one)
                one.end()
                many.end()
            } catch {
                one.end()
                many.end()
                throw error
            }
            comparisons.append(comparison)
            rows.append(
                Row(
                    number == 1
                        ? "receive, one endpoint beside another"
                        : "receive, \(Table.grouped(number)) endpoints beside one",
                    unit: "ns/segment", comparison,
                    target: number == Self.numbers.last ? .atMost(1.1) : .none))
        }
        if let picture {
            // What one endpoint costs in this run, and how much more it is each time.
            let one = Statistics(comparisons.map(\.floor.median)).median
            let points = zip(Self.numbers, comparisons).map { Picture.Point(endpoints: $0, cost: $1.ratio.times(one)) }
            try OutputFile.write(Picture(points: points, bound: 1.1 * one).text, to: picture)
        }
        return rows
    }

    private func compare(
        _ many: borrowing EngineUnderTest, of number: Int, with one: borrowing EngineUnderTest
    ) throws(BenchmarkError) -> Comparison {
        let locals = Self.locals(number)
        try many.create(
            locals.enumerated().map { index, local in
                Scenery.endpoint("endpoint-\(index)", local: local)
            })
        var generator = SystemRandomNumberGenerator()
        let paths = locals.shuffled(using: &generator).map { local in
            cfloor_path(
                source: IPv4Address.loopback.rawValue, destination: local.address.rawValue,
                source_port: Scenery.senderPort, destination_port: local.port)
        }
        let rounds = number == Self.numbers.last ? Self.roundsFactor * scale.rounds : scale.rounds
        return try Comparison(rounds: rounds) { () throws(BenchmarkError) in
            try ReceivingPaths.ours(one, along: [Scenery.loopbackPath])
        } ours: { () throws(BenchmarkError) in
            try ReceivingPaths.ours(many, along: paths)
        }
    }

    /// Addresses of 127.0.0.0/8 and ports, none twice and no two ports next to each other.
    static func locals(_ number: Int) -> [TransportAddress] {
        (0..<number).map { index in
            let address = UInt32(0x7f01_0001) + UInt32(index)
            return TransportAddress(address: IPv4Address(rawValue: address), port: UInt16(1024 + 2 * index))
        }
    }
}
