import LinuxSystem
import Testing

@Suite struct ReceiveBatchTests {
    @Test(arguments: 1...6)
    func takesWhatWaitsInOrder(capacity: Int) throws {
        let pair = try DatagramPair()
        var batch = try ReceiveBatch(capacity: capacity)
        #expect(batch.capacity == capacity)
        let empty = try batch.fill(from: pair.receiver)
        #expect(empty == 0)
        for waiting in 0...8 {
            for number in 0..<waiting { #expect(pair.send([UInt8](repeating: UInt8(number), count: number))) }
            var taken = 0
            while taken < waiting {
                let count = try batch.fill(from: pair.receiver)
                #expect(count == min(capacity, waiting - taken))
                for index in 0..<count {
                    let octets = batch.octets(at: index)
                    let expected = taken + index
                    #expect(octets.count == expected)
                    for position in octets.indices { #expect(octets[position] == UInt8(expected)) }
                    #expect(batch.timestampNanoseconds(at: index) == 0, "nobody asked for one")
                }
                taken += count
                guard count > 0 else { break }
            }
            let rest = try batch.fill(from: pair.receiver)
            #expect(rest == 0)
        }
    }

    @Test func holdsTheLargestDatagram() throws {
        let pair = try DatagramPair()
        var batch = try ReceiveBatch(capacity: 2)
        var generator = SeededGenerator(seed: 1)
        let large = (0..<65_535).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        #expect(pair.send(large))
        #expect(pair.send([1]))
        let count = try batch.fill(from: pair.receiver)
        #expect(count == 2)
        let octets = batch.octets(at: 0)
        #expect(octets.count == large.count)
        #expect(large.indices.allSatisfy { octets[$0] == large[$0] })
        let small = batch.octets(at: 1)
        #expect(small.count == 1)
    }

    @Test func reportsADescriptorThatIsNoSocket() throws {
        let bell = try EventNotifier()
        var batch = try ReceiveBatch(capacity: 1)
        #expect(throws: Errno.self) { try batch.fill(from: bell.descriptor) }
    }
}

@Suite struct SendBatchTests {
    private func filled(_ lengths: [Int]) throws -> SendBatch {
        var batch = try SendBatch(capacity: 4)
        for (index, length) in lengths.enumerated() {
            let place = batch.append(length: length) { octets in
                for position in octets.indices { octets[position] = UInt8(index) }
                return 0x7f00_0001
            }
            #expect(place == index)
        }
        return batch
    }

    private func check(_ batch: borrowing SendBatch, holds lengths: [Int]) {
        for place in batch.waiting {
            let octets = batch.octets(at: place)
            #expect(octets.count == lengths[place])
            for position in octets.indices { #expect(octets[position] == UInt8(place)) }
        }
    }

    @Test(arguments: 0...4)
    func isTakenOffFromTheFront(removed: Int) throws {
        let lengths = [20, 0, 33, 1]
        var batch = try filled(lengths)
        let wasFull = !batch.hasRoom
        #expect(wasFull)
        batch.removeFirst(removed)
        let (isEmpty, hasRoom, waiting) = (batch.isEmpty, batch.hasRoom, batch.waiting)
        #expect(isEmpty == (removed == 4))
        #expect(hasRoom == (removed == 4), "places are used again when all are free")
        #expect(waiting == (removed == 4 ? 0..<0 : removed..<4))
        check(batch, holds: lengths)
    }

    @Test(arguments: 0..<16, 0...3)
    func losesWhatIsUnwanted(unwanted: Int, sent: Int) throws {
        let lengths = [20, 0, 33, 1]
        var batch = try filled(lengths)
        batch.removeFirst(sent)
        let gone = (0..<4 - sent).filter { unwanted & (1 << $0) != 0 }
        let left = (0..<4 - sent).filter { unwanted & (1 << $0) == 0 }
        batch.remove(RangeSet(gone.map { $0..<$0 + 1 }))
        let waiting = batch.waiting
        #expect(waiting == (left.isEmpty ? 0..<0 : sent..<sent + left.count))
        for (place, position) in zip(waiting, left) {
            let octets = batch.octets(at: place)
            #expect(octets.count == lengths[sent + position])
            for index in octets.indices { #expect(octets[index] == UInt8(sent + position)) }
        }
    }

    @Test func hasRoomForAsManyLargeDatagramsAsItSays() throws {
        var batch = try SendBatch(capacity: 64)
        var count = 0
        while batch.hasRoom, count < 64 {
            let byte = UInt8(count)
            _ = batch.append(length: 65_535) { octets in
                octets[0] = byte
                octets[65_534] = byte
                return 0x7f00_0001
            }
            count += 1
        }
        #expect((1..<64).contains(count))
        for place in batch.waiting {
            let octets = batch.octets(at: place)
            #expect(octets.count == 65_535)
            #expect(octets[0] == UInt8(place))
            #expect(octets[65_534] == UInt8(place))
        }
    }

    @Test(arguments: [false, true], [20, 53, 65_535])
    func takesSeveralAtOnce(areAlike: Bool, length: Int) throws {
        var batch = try SendBatch(capacity: 5)
        let room = batch.room(forLength: length)
        #expect(room == (length == 65_535 ? 4 : 5))
        let first = batch.append(count: room, areAlike: areAlike, length: length) { octets in
            #expect(octets.count == (areAlike ? length : room * length))
            for position in octets.indices { octets[position] = UInt8(position / length) }
        }
        #expect(first == 0)
        let (waiting, roomLeft) = (batch.waiting, batch.room(forLength: length))
        #expect(waiting == 0..<room)
        // What is alike takes the octets of one.
        #expect(roomLeft == (areAlike ? 5 - room : 0))
        for place in waiting {
            let octets = batch.octets(at: place)
            #expect(octets.count == length)
            #expect(octets[0] == (areAlike ? 0 : UInt8(place)))
            #expect(octets[length - 1] == (areAlike ? 0 : UInt8(place)))
        }
    }

    @Test func keepsWhatTheKernelDoesNotTake() throws {
        let bell = try EventNotifier()
        var batch = try filled([20, 21])
        let progress = batch.send(through: bell.descriptor)
        guard case .failed = progress else {
            Issue.record("a doorbell sends no datagrams: \(progress)")
            return
        }
        let waiting = batch.waiting
        #expect(waiting == 0..<2)
        check(batch, holds: [20, 21])
    }
}
