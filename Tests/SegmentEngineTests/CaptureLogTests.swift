import Testing

@testable import SegmentEngine

@Suite struct CaptureLogTests {
    private let log = CaptureLog(capacity: 300, octetCapacity: 1 << 16)

    private func page(
        of log: CaptureLog, subject: CaptureQuery.Subject? = nil, direction: CaptureQuery.Direction = .any,
        after: UInt64? = nil, limit: Int = 100
    ) throws(CursorError) -> CapturePage {
        try log.page(for: CaptureQuery(subject: subject, direction: direction, after: after, limit: limit))
    }

    @Test func hasNothingBeforeTheFirst() throws {
        let empty = try page(of: log)
        #expect(empty.numbers.isEmpty)
        #expect(empty.next == 0)
        #expect(empty.oldest == 1)
        #expect(try page(of: log, after: 0).next == 0)
        #expect(log.latestNumber == 0)
        #expect(log.segment(0) == nil)
        #expect(log.segment(1) == nil)
    }

    @Test(arguments: [1, 2, 63, 64, 65, 128, 200, 300, 1000])
    func givesTheNewestInAscendingOrder(limit: Int) throws {
        for number in 1...200 { log.append(.segment(time: Int64(number))) }
        let newest = try page(of: log, limit: limit)
        #expect(newest.numbers == (1...200).suffix(limit).map { UInt64($0) })
        #expect(newest.items.map(\.record.timestampNanoseconds) == (1...200).suffix(limit).map { Int64($0) })
        #expect(newest.next == 200)
        #expect(newest.oldest == 1)
    }

    @Test(arguments: [1, 7, 64, 65, 1000])
    func pagesVisitEachSegmentOnce(limit: Int) throws {
        for number in 1...200 { log.append(.segment(), [UInt8(number)]) }
        var seen: [UInt64] = []
        var cursor: UInt64 = 0
        repeat {
            let next = try page(of: log, after: cursor, limit: limit)
            for item in next.items {
                let octets = next.datagram(item)
                #expect(octets.count == 1)
                #expect(octets[0] == UInt8(item.number))
            }
            seen += next.numbers
            cursor = next.next
            if next.numbers.isEmpty { break }
        } while true
        #expect(seen == Array(1...200))
        #expect(cursor == 200)
    }

    @Test(arguments: [
        (CaptureQuery.Direction.any, nil as UInt32?, [1, 2, 3, 4, 6] as [UInt64]), (.received, nil, [1, 3, 6]),
        (.sent, nil, [2, 4]), (.any, 1, [1, 2]), (.received, 1, [1]), (.sent, 1, [2]), (.any, 2, [3, 4, 6]),
        (.any, 3, []),
    ])
    func selectsByDirectionAndEndpoint(
        direction: CaptureQuery.Direction, endpoint: UInt32?, expected: [UInt64]
    ) throws {
        log.append(.segment(.received, endpoint: 1))
        log.append(.segment(.sent, endpoint: 1))
        log.append(.segment(.received, endpoint: 2))
        log.append(.segment(.sent, endpoint: 2))
        log.append(.loss(of: 3, on: 1))
        log.append(.segment(.received, endpoint: 2))
        let subject = endpoint.map { CaptureQuery.Subject(endpoint: $0, socket: 1) }
        #expect(try page(of: log, subject: subject, direction: direction).numbers == expected)
        #expect(try page(of: log, subject: subject, direction: direction, after: 0).numbers == expected)
        #expect(try page(of: log, subject: subject, direction: direction, after: 0).next == 6)
    }

    @Test func findsTheNewestOfAnEndpointBehindManyOfOthers() throws {
        let large = CaptureLog(capacity: 5000, octetCapacity: 1 << 16)
        large.append(.segment(endpoint: 7))
        for _ in 0..<4000 { large.append(.segment(endpoint: 1)) }
        let found = try page(of: large, subject: .init(endpoint: 7, socket: 1), limit: 1)
        #expect(found.numbers == [1])
        let none = try page(of: large, subject: .init(endpoint: 8, socket: 1), limit: 1)
        #expect(none.numbers.isEmpty)
        #expect(none.next == 4001)
    }

    @Test(arguments: [
        (nil as CaptureQuery.Subject?, CaptureQuery.Direction.any, 30 as UInt64), (nil, .received, 30), (nil, .sent, 0),
        (.init(endpoint: 1, socket: 1), .received, 10), (.init(endpoint: 2, socket: 2), .any, 20),
        (.init(endpoint: 1, socket: 1), .sent, 0), (.init(endpoint: 3, socket: nil), .any, 0),
    ])
    func countsLossesOfTheSocketThatMatters(
        subject: CaptureQuery.Subject?, direction: CaptureQuery.Direction, lost: UInt64
    ) throws {
        log.append(.segment(endpoint: 1))
        log.append(.loss(of: 4, on: 1))
        log.append(.loss(of: 20, on: 2))
        log.append(.loss(of: 6, on: 1))
        log.append(.segment(endpoint: 2))
        let read = try page(of: log, subject: subject, direction: direction, after: 0)
        #expect(read.lostInKernel == lost)
        #expect(read.lostInRing == 0)
    }

    @Test func countsLossesWithinTheWindowOnly() throws {
        log.append(.loss(of: 1, on: 1))
        log.append(.segment())
        log.append(.loss(of: 2, on: 1))
        log.append(.segment())
        log.append(.loss(of: 4, on: 1))
        #expect(try page(of: log, after: 0).lostInKernel == 7)
        #expect(try page(of: log, after: 1).lostInKernel == 6)
        #expect(try page(of: log, after: 3).lostInKernel == 4)
        // Cut off before the last loss, which the next page then counts.
        let first = try page(of: log, after: 0, limit: 2)
        #expect(first.lostInKernel == 3)
        #expect(try page(of: log, after: first.next).lostInKernel == 4)
    }

    @Test func refusesCursorsThatItCannotReadFrom() throws {
        let small = CaptureLog(capacity: 4, octetCapacity: 64)
        for _ in 0..<10 { small.append(.segment()) }
        #expect(try page(of: small, after: 6).numbers == [7, 8, 9, 10])
        #expect(try page(of: small, after: 10).numbers.isEmpty)
        #expect(throws: CursorError.gone(oldest: 7, lost: 1)) { _ = try page(of: small, after: 5) }
        #expect(throws: CursorError.gone(oldest: 7, lost: 6)) { _ = try page(of: small, after: 0) }
        #expect(throws: CursorError.future(latest: 10)) { _ = try page(of: small, after: 11) }
        #expect(throws: CursorError.future(latest: 10)) { _ = try page(of: small, after: .max) }
    }

    /// Marks that have left the ring are no segments, and what they stand for is told all the same.
    @Test func lossesAreToldAfterTheirMarksHaveLeftTheRing() throws {
        let small = CaptureLog(capacity: 4, octetCapacity: 64)
        let kinds: [CaptureRecord] = [
            .segment(), .loss(of: 10, on: 1), .segment(), .loss(of: 20, on: 2), .segment(), .loss(of: 40, on: 1),
            .segment(), .segment(), .segment(), .segment(),
        ]
        for record in kinds { small.append(record) }
        let subject = CaptureQuery.Subject(endpoint: 1, socket: 1)
        for (cursor, segments, all, own) in [(0, 3, 70, 50), (1, 2, 70, 50), (2, 2, 60, 40), (4, 1, 40, 40)] {
            let (lost, all, own) = (UInt64(segments), UInt64(all), UInt64(own))
            #expect(throws: CursorError.gone(oldest: 7, lost: lost, lostInKernel: all)) {
                _ = try page(of: small, after: UInt64(cursor))
            }
            #expect(throws: CursorError.gone(oldest: 7, lost: lost, lostInKernel: own)) {
                _ = try page(of: small, subject: subject, after: UInt64(cursor))
            }
            #expect(throws: CursorError.gone(oldest: 7, lost: lost)) {
                _ = try page(of: small, direction: .sent, after: UInt64(cursor))
            }
            var reading = CaptureReading(CaptureQuery(limit: 100), after: UInt64(cursor))
            small.complete(&reading, in: EndpointDirectory())
            #expect(reading.page.numbers == [7, 8, 9, 10])
            #expect(reading.page.lostInRing == lost)
            #expect(reading.page.lostInKernel == all)
        }
        small.append(.loss(of: 80, on: 1))
        small.write { $0.removeAll() }
        #expect(throws: CursorError.gone(oldest: 12, lost: 0, lostInKernel: 80)) { _ = try page(of: small, after: 10) }
    }

    @Test func oldCursorsAreGoneAfterTheRingWasEmptied() throws {
        for _ in 0..<5 { log.append(.segment()) }
        log.write { $0.removeAll() }
        #expect(throws: CursorError.gone(oldest: 6, lost: 5)) { _ = try page(of: log, after: 0) }
        #expect(throws: CursorError.gone(oldest: 6, lost: 1)) { _ = try page(of: log, after: 4) }
        #expect(try page(of: log, after: 5).numbers.isEmpty)
        #expect(try page(of: log).next == 5)
        #expect(log.append(.segment()) == 6)
        #expect(try page(of: log, after: 5).numbers == [6])
    }

    @Test func givesSingleSegmentsWhileItHoldsThem() throws {
        let small = CaptureLog(capacity: 2, octetCapacity: 64)
        small.append(.segment(), [1])
        small.append(.loss(of: 1, on: 1))
        #expect(small.segment(1)?.numbers == [1])
        #expect(small.segment(2) == nil, "a loss is no segment")
        small.append(.segment(), [3])
        #expect(small.segment(1) == nil)
        let page = try #require(small.segment(3))
        let item = try #require(page.items.first)
        let octet = page.datagram(item)[0]
        #expect(octet == 3)
        #expect(small.segment(.max) == nil)
    }
}
