import Testing

@testable import SegmentEngine

@Suite struct EndpointIndexTests {
    private struct Path: Hashable {
        var local: TransportAddress
        var remote: TransportAddress?
    }

    @Test(arguments: UInt64(0)..<40)
    func findsWhatADictionaryFinds(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Few addresses make for many collisions and removals, many make it grow.
        let ports: UInt16 = seed.isMultiple(of: 2) ? 6 : 300
        var index = EndpointIndex()
        var reference: [Path: Int] = [:]
        for slot in 0..<600 {
            var path = Path(local: .random(of: ports, using: &generator))
            if Bool.random(using: &generator) { path.remote = .random(of: ports, using: &generator) }
            if reference[path] != nil {
                index.remove(local: path.local, remote: path.remote)
                reference[path] = nil
            } else {
                index.insert(slot, local: path.local, remote: path.remote)
                reference[path] = slot
            }
            #expect(index.count == reference.count)

            let local = TransportAddress.random(of: ports, using: &generator)
            let remote = TransportAddress.random(of: ports, using: &generator)
            let exact = reference[Path(local: local, remote: remote)]
            #expect(index.slot(exactly: local, remote) == exact)
            #expect(index.slot(exactly: local, nil) == reference[Path(local: local)])
            #expect(index.slot(local: local, remote: remote) == exact ?? reference[Path(local: local)])
        }
        for (path, slot) in reference {
            #expect(index.slot(exactly: path.local, path.remote) == slot)
        }
    }

    @Test func findsAnExactRemoteBeforeAnyRemote() {
        var index = EndpointIndex()
        index.insert(1, local: .loopback(80), remote: nil)
        index.insert(2, local: .loopback(80), remote: .loopback(90))
        #expect(index.slot(local: .loopback(80), remote: .loopback(90)) == 2)
        #expect(index.slot(local: .loopback(80), remote: .loopback(91)) == 1)
        #expect(index.slot(local: .loopback(80, host: 2), remote: .loopback(90)) == nil)
        index.remove(local: .loopback(80), remote: .loopback(90))
        #expect(index.slot(local: .loopback(80), remote: .loopback(90)) == 1)
        index.remove(local: .loopback(80), remote: nil)
        #expect(index.slot(local: .loopback(80), remote: .loopback(90)) == nil)
        #expect(index.count == 0)
    }

    @Test func removingWhatIsNotThereChangesNothing() {
        var index = EndpointIndex()
        index.insert(5, local: .loopback(1), remote: nil)
        index.remove(local: .loopback(1), remote: .loopback(1))
        index.remove(local: .loopback(2), remote: nil)
        #expect(index.count == 1)
        #expect(index.slot(exactly: .loopback(1), nil) == 5)
    }

    @Test func tellsTenThousandNeighboursApart() {
        var index = EndpointIndex()
        for port in UInt16(1)...10_000 {
            index.insert(Int(port), local: .loopback(port), remote: .loopback(port + 1))
        }
        for port in UInt16(1)...10_000 {
            #expect(index.slot(local: .loopback(port), remote: .loopback(port + 1)) == Int(port))
            #expect(index.slot(local: .loopback(port), remote: .loopback(port)) == nil)
        }
    }
}
