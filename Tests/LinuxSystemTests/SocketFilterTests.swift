import Testing

@testable import LinuxSystem

/// The kernel is the interpreter: a filter on a pair of local sockets sees what is sent as it would see a datagram.
@Suite struct SocketFilterTests {
    /// An IPv4 header without options and the first octets of a segment for a port.
    private func datagram(to port: UInt16, options: Int = 0) -> [UInt8] {
        let header: [UInt8] = [0x45 + UInt8(options)] + Array(repeating: 0, count: 19 + 4 * options)
        return header + [0xc3, 0x51, UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }

    /// The ports that a filter lets pass.
    private func passing(_ filter: SocketFilter, of ports: ClosedRange<UInt16> = 0...65535) throws -> [Bool] {
        let pair = try DatagramPair()
        try filter.attach(to: pair.receiver)
        return ports.map { port in
            pair.send(datagram(to: port))
            return pair.receives()
        }
    }

    /// So many ranges that do not touch.
    private func ranges(_ count: Int, seed: UInt64) -> [ClosedRange<UInt16>] {
        var generator = SeededGenerator(seed: seed)
        var bounds: Set<UInt16> = []
        while bounds.count < 2 * count { bounds.insert(.random(in: 0...32767, using: &generator)) }
        let sorted = bounds.sorted()
        // Doubled, so that neighbours keep a gap; every other range is a single port.
        return (0..<count).map { index in
            let first = sorted[2 * index] * 2
            return first...(index.isMultiple(of: 2) ? first : sorted[2 * index + 1] * 2)
        }
    }

    @Test(arguments: [1, 2, 3, 17, 680, 682], UInt64(0)..<2)
    func letsTheWantedPortsPassAndNoOthers(count: Int, seed: UInt64) throws {
        let wanted = ranges(count, seed: seed)
        let filter = SocketFilter.destinationPorts(wanted)
        #expect(filter.length <= SocketFilter.maximumLength)
        let passed = try passing(filter)
        var expected = [Bool](repeating: false, count: 65536)
        for range in wanted { for port in range { expected[Int(port)] = true } }
        #expect(passed.indices.filter { passed[$0] != expected[$0] }.isEmpty)
    }

    @Test(arguments: [683, 1000, 5000], UInt64(0)..<2)
    func becomesCoarserAndNeverWrongWithMorePorts(count: Int, seed: UInt64) throws {
        let wanted = ranges(count, seed: seed)
        let filter = SocketFilter.destinationPorts(wanted)
        #expect(filter.length <= SocketFilter.maximumLength)
        let passed = try passing(filter)
        for range in wanted { for port in range where !passed[Int(port)] { Issue.record("\(port) was dropped") } }
        if let first = wanted.first?.lowerBound { #expect(!passed[..<Int(first)].contains(true)) }
        if let last = wanted.last?.upperBound { #expect(!passed[(Int(last) + 1)...].contains(true)) }
        // Only the narrowest gaps were filled, so not everything passes.
        let many = wanted.map(\.count).reduce(0, +)
        #expect(passed.count(where: \.self) < many + 65536 / 2)
    }

    @Test(
        arguments: [
            ([0...0], [0]), ([65535...65535], [65535]), ([0...1, 65534...65535], [0, 1, 65534, 65535]),
        ] as [([ClosedRange<UInt16>], [Int])])
    func knowsTheFirstAndTheLastPort(ranges: [ClosedRange<UInt16>], expected: [Int]) throws {
        let passed = try passing(.destinationPorts(ranges))
        #expect(passed.indices.filter { passed[$0] } == expected)
    }

    @Test func letsEveryPortPassOrNone() throws {
        #expect(try passing(.destinationPorts([0...65535])).allSatisfy(\.self))
        #expect(try !passing(.destinationPorts([])).contains(true))
        #expect(try !passing(.dropAll).contains(true))
    }

    @Test(arguments: 0...10)
    func findsThePortBehindInternetOptions(words: Int) throws {
        let pair = try DatagramPair()
        try SocketFilter.destinationPorts([443...443]).attach(to: pair.receiver)
        pair.send(datagram(to: 443, options: words))
        #expect(pair.receives())
        pair.send(datagram(to: 444, options: words))
        #expect(!pair.receives())
    }

    @Test(arguments: 0...24)
    func dropsWhatEndsBeforeThePort(length: Int) throws {
        let pair = try DatagramPair()
        try SocketFilter.destinationPorts([0...65535]).attach(to: pair.receiver)
        pair.send(Array(datagram(to: 443).prefix(length)))
        #expect(pair.receives() == (length == 24))
    }

    @Test func replacesTheFilterBeforeIt() throws {
        let pair = try DatagramPair()
        for port in UInt16(1)...100 {
            try SocketFilter.destinationPorts([port...port]).attach(to: pair.receiver)
            pair.send(datagram(to: port - 1))
            #expect(!pair.receives())
            pair.send(datagram(to: port))
            #expect(pair.receives())
        }
    }
}
