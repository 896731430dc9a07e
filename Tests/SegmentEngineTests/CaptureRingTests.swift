import Testing

@testable import SegmentEngine

/// What a ring holds, as a plain array.
private struct PlainRing {
    private(set) var held: [(number: UInt64, time: Int64, octets: [UInt8])] = []
    var next: UInt64 = 1

    mutating func append(_ time: Int64, _ octets: [UInt8]) {
        held.append((number: next, time: time, octets: octets))
        next += 1
    }

    mutating func dropFirst(_ count: Int) {
        held.removeFirst(count)
    }
}

@Suite struct CaptureRingTests {
    private func check(_ ring: borrowing CaptureRing, against plain: PlainRing) {
        #expect(ring.nextNumber == plain.next)
        #expect(ring.count == plain.held.count)
        #expect(ring.oldestNumber == plain.held.first?.number ?? plain.next)
        for entry in plain.held {
            let record = ring.record(entry.number)
            var copy: [UInt8] = []
            ring.copyOctets(of: record, to: &copy)
            #expect(record.timestampNanoseconds == entry.time)
            #expect(copy == entry.octets)
        }
    }

    @Test(arguments: 1...6, 1...13)
    func holdsTheLatestOfAnySizes(capacity: Int, octetCapacity: Int) {
        for seed in UInt64(0)..<8 {
            var generator = SeededGenerator(seed: seed)
            var ring = CaptureRing(capacity: capacity, octetCapacity: octetCapacity)
            var plain = PlainRing()
            for time in Int64(0)..<60 {
                let octets = generator.octets(count: .random(in: 0...octetCapacity + 1, using: &generator))
                var evicted: [UInt32] = []
                while let departure = ring.makeRoom(forOctets: octets.count) {
                    evicted.append(departure.endpoint)
                    #expect(departure.kind == .received)
                }
                let number = ring.append(.segment(endpoint: UInt32(time), time: time), octets.span)
                #expect(number == plain.next)
                #expect(evicted == plain.held.prefix(evicted.count).map { UInt32($0.time) }, "oldest first, each once")
                plain.dropFirst(evicted.count)
                // One that is larger than the ring is kept without its octets.
                plain.append(time, octets.count <= octetCapacity ? octets : [])
                check(ring, against: plain)
                #expect((plain.held.reduce(0) { $0 + $1.octets.count }...octetCapacity).contains(ring.octetCount))
                #expect(plain.held.count <= capacity)
                #expect(plain.held.map(\.octets.count).reduce(0, +) <= octetCapacity)
            }
        }
    }

    /// As many as fit, and not one fewer: for datagrams of one size there is no doubt how many that are.
    @Test(arguments: 1...6, 1...5)
    func evictsNoMoreThanItMust(capacity: Int, size: Int) {
        for datagrams in 1...8 {
            var ring = CaptureRing(capacity: capacity, octetCapacity: size * datagrams)
            let most = min(capacity, datagrams)
            for time in 0..<40 {
                var evictions = 0
                while ring.makeRoom(forOctets: size) != nil { evictions += 1 }
                _ = ring.append(.segment(), [UInt8](repeating: 7, count: size).span)
                #expect(evictions == (time < most ? 0 : 1))
                #expect(ring.count == min(time + 1, most))
            }
        }
    }

    @Test func keepsADatagramThatIsLargerThanTheRingWithoutOctets() {
        var ring = CaptureRing(capacity: 3, octetCapacity: 4)
        _ = ring.append(.segment(), [1, 2, 3, 4].span)
        #expect(ring.makeRoom(forOctets: 5) == nil, "nothing has to go")
        let number = ring.append(.segment(), [1, 2, 3, 4, 5].span)
        #expect(number == 2)
        let large = ring.record(2)
        #expect(large.length == 0)
        var octets: [UInt8] = []
        ring.copyOctets(of: ring.record(1), to: &octets)
        #expect(octets == [1, 2, 3, 4])
    }

    @Test(arguments: 1...6)
    func numbersGoOnAfterEverythingIsRemoved(capacity: Int) {
        var ring = CaptureRing(capacity: capacity, octetCapacity: 16)
        for count in 1...10 {
            for _ in 0..<count {
                _ = ring.append(.segment(), [1, 2, 3].span)
            }
            let next = ring.nextNumber
            ring.removeAll()
            #expect(ring.count == 0)
            #expect(ring.nextNumber == next)
            #expect(ring.oldestNumber == next)
        }
        #expect(ring.makeRoom(forOctets: 1) == nil, "the ring is empty")
        let number = ring.append(.segment(time: 9), [9].span)
        #expect(number == 56)
        #expect(ring.record(56).timestampNanoseconds == 9)
    }

    @Test func lacksMemoryOnlyOnceItIsUsedAndUntilAllWas() {
        var ring = CaptureRing(capacity: 1 << 16, octetCapacity: 4 << 20)
        #expect(ring.lacksMemory == false, "what is never used is never provided")
        let datagram = [UInt8](repeating: 7, count: 1500)
        for count in 1...(1 << 16) {
            _ = ring.append(.segment(time: Int64(count)), datagram.span)
            if count == 1 { #expect(ring.lacksMemory == true) }
            while let piece = ring.takeLackingMemory() { piece.provide() }
            if count % 4096 == 1 {
                #expect(ring.lacksMemory == false)
                var octets: [UInt8] = []
                ring.copyOctets(of: ring.record(ring.oldestNumber), to: &octets)
                ring.copyOctets(of: ring.record(ring.nextNumber - 1), to: &octets)
                #expect(octets == datagram + datagram)
            }
        }
        ring.removeAll()
        #expect(ring.lacksMemory == false, "memory that was used once stays")
    }

    @Test func countsSegmentsAndNotLosses() {
        var ring = CaptureRing(capacity: 8, octetCapacity: 64)
        _ = ring.append(.segment(.received), [1].span)
        let nothing: [UInt8] = []
        _ = ring.append(.loss(of: 5, on: 1), nothing.span)
        _ = ring.append(.segment(.sent), [2].span)
        #expect(ring.count == 3)
        #expect(ring.segmentCount == 2)
    }
}
