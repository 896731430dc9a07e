import TCPWire

@testable import SegmentEngine

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

    /// One of several, each as likely as the other.
    mutating func either<Value>(_ first: @autoclosure () -> Value, _ second: @autoclosure () -> Value) -> Value {
        Bool.random(using: &self) ? first() : second()
    }
}

extension CaptureRecord {
    /// A record of a segment, told apart from others by its time.
    static func segment(
        _ kind: Kind = .received, endpoint: UInt32 = 1, socket: UInt32 = 1, time: Int64 = 0
    ) -> CaptureRecord {
        CaptureRecord(kind: kind, endpoint: endpoint, slot: 0, socket: socket, timestampNanoseconds: time)
    }

    /// A record of datagrams that a socket had no room for.
    static func loss(of lost: UInt32, on socket: UInt32) -> CaptureRecord {
        CaptureRecord(kind: .loss, endpoint: 0, slot: 0, socket: socket, timestampNanoseconds: 0, lost: lost)
    }
}

extension CaptureLog {
    /// Keeps one record and answers its number.
    @discardableResult
    func append(_ record: CaptureRecord, _ octets: [UInt8] = []) -> UInt64 {
        write { ring in ring.append(record, octets.span) }
    }
}

extension CapturePage {
    var numbers: [UInt64] { items.map(\.number) }
}

extension TransportAddress {
    /// An address and port of 127.0.0.0/8.
    static func loopback(_ port: UInt16, host: UInt32 = 1) -> TransportAddress {
        TransportAddress(address: IPv4Address(rawValue: 0x7f00_0000 | host), port: port)
    }

    /// One of a few, so that collisions happen.
    static func random(of count: UInt16, using generator: inout SeededGenerator) -> TransportAddress {
        .loopback(.random(in: 1...count, using: &generator), host: .random(in: 1...2, using: &generator))
    }
}

extension EndpointRecord {
    /// A stopped endpoint of the server preset.
    static func sample(_ id: String, serial: UInt32, state: State = .stopped) -> EndpointRecord {
        EndpointRecord(
            id: id, serial: serial, definition: EndpointDefinition(preset: .server), state: state,
            activeGuard: .none, cursor: 0, warnings: [], createdAt: 0, startedAt: nil, counters: EngineCounters(),
            socket: nil, earlierDrops: 0)
    }
}
