import CaptureFilter
import Testing

@testable import SegmentEngine

@Suite struct FilteredPageTests {
    private let log = CaptureLog(capacity: 3000, octetCapacity: 1 << 20)

    /// An IPv4 header whose time to live tells datagrams apart.
    private func datagram(timeToLive: UInt8) -> [UInt8] {
        [0x45, 0, 0, 20, 0, 0, 0, 0, timeToLive, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
    }

    private func fill(_ count: Int, of log: CaptureLog) {
        for number in 1...count {
            log.append(.segment(), datagram(timeToLive: UInt8(number % 5)))
            if number.isMultiple(of: 10) { log.append(.loss(of: 1, on: 1)) }
        }
    }

    @Test(arguments: [1, 2, 63, 64, 65, 200, 1000], [0, 1, 4])
    func readsWhatReadingAllAndChoosingGives(limit: Int, timeToLive: UInt8) throws {
        fill(2000, of: log)
        let filter = try CaptureFilter("ip[8] = \(timeToLive)")
        let all = try log.page(for: CaptureQuery(limit: .max))
        let expected = all.items.filter { item in
            let octets = all.datagram(item)
            return octets[8] == timeToLive
        }.map(\.number)
        #expect(expected.count == 400)

        let newest = try log.page(for: CaptureQuery(limit: limit, filter: filter))
        #expect(newest.numbers == expected.suffix(limit))
        #expect(newest.next == (limit < expected.count ? expected.last : log.latestNumber))
        var seen: [UInt64] = []
        var lost: UInt64 = 0
        var cursor: UInt64 = 0
        repeat {
            let page = try log.page(for: CaptureQuery(after: cursor, limit: limit, filter: filter))
            #expect(page.items.count <= limit)
            seen += page.numbers
            lost += page.lostInKernel
            if page.next == cursor { break }
            cursor = page.next
        } while true
        #expect(seen == expected)
        #expect(lost == 200)
        #expect(cursor == log.latestNumber)
    }

    @Test func copiesTheRightOctets() throws {
        fill(300, of: log)
        let page = try log.page(for: CaptureQuery(limit: 7, filter: CaptureFilter("ip[8] = 3")))
        #expect(page.items.count == 7)
        for item in page.items {
            let octets = page.datagram(item)
            #expect(octets.count == 20)
            #expect(octets[8] == 3)
        }
    }

    @Test func findsNothingWhereNothingPasses() throws {
        fill(2500, of: log)
        let none = try log.page(for: CaptureQuery(limit: 5, filter: CaptureFilter("ip[8] = 200")))
        #expect(none.items.isEmpty)
        #expect(none.next == log.latestNumber)
        #expect(none.lostInRing == 0)
        let after = try log.page(for: CaptureQuery(after: log.latestNumber, filter: CaptureFilter("tcp")))
        #expect(after.items.isEmpty)
        #expect(after.next == log.latestNumber)
    }

    @Test func selectsByDirectionToo() throws {
        log.append(.segment(.sent), datagram(timeToLive: 1))
        log.append(.segment(.received), datagram(timeToLive: 1))
        log.append(.segment(.received), datagram(timeToLive: 2))
        let filter = try CaptureFilter("ip[8] = 1")
        #expect(try log.page(for: CaptureQuery(direction: .any, filter: filter)).numbers == [1, 2])
        #expect(try log.page(for: CaptureQuery(direction: .received, filter: filter)).numbers == [2])
        #expect(try log.page(for: CaptureQuery(subject: .init(endpoint: 9, socket: 1), filter: filter)).numbers.isEmpty)
    }
}
