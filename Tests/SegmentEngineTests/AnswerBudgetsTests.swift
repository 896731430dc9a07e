import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct AnswerBudgetsTests {
    private static let second: UInt64 = 1_000_000_000

    private func datagram(_ payload: [UInt8], timeToLive: UInt8 = 64) throws -> [UInt8] {
        var segment = TCPSegment(sourcePort: 1, destinationPort: 2)
        segment.payload = payload
        var datagram = TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment)
        datagram.ip.timeToLive = timeToLive
        return try datagram.encoded()
    }

    @Test func noBoundIsNone() {
        #expect(AnswerBudgets(perSegment: 0) == nil)
    }

    @Test func whatComesFromElsewhereHasTheWholeBudget() throws {
        let budgets = try #require(AnswerBudgets(perSegment: 9))
        let first = try datagram([1])
        #expect(budgets.take(first, at: 0) == 9)
        budgets.note(first, budget: 3, at: 0)
        #expect(budgets.take(try datagram([2]), at: 1) == 9)
        #expect(budgets.take(try datagram([]), at: 1) == 9)
    }

    /// As often as it left; what routers change does not count.
    @Test func anAnswerIsKnownAgain() throws {
        let budgets = try #require(AnswerBudgets(perSegment: 9))
        let answer = try datagram([1, 2, 3, 4, 5])
        budgets.note(answer, budget: 5, at: 0)
        budgets.note(answer, budget: 4, at: 1)
        #expect(budgets.take(try datagram([1, 2, 3, 4, 5], timeToLive: 63), at: 2) == 4)
        #expect(budgets.take(answer, at: 3) == 5)
        #expect(budgets.take(answer, at: 4) == 9)
    }

    @Test func whatWasLostIsForgotten() throws {
        let budgets = try #require(AnswerBudgets(perSegment: 9))
        let answer = try datagram([1])
        budgets.note(answer, budget: 5, at: 0)
        #expect(budgets.take(answer, at: Self.second) == 9)
        budgets.note(answer, budget: 4, at: Self.second)
        #expect(budgets.take(answer, at: Self.second) == 4)
        #expect(budgets.take(answer, at: Self.second) == 9)
    }

    /// Each octet counts, the last ones too that fill no word.
    @Test func anyOtherOctetMakesAnotherSegment() throws {
        let budgets = try #require(AnswerBudgets(perSegment: 9))
        for length in 0...9 {
            let payload = [UInt8](repeating: 7, count: length)
            budgets.note(try datagram(payload), budget: 1, at: 0)
            #expect(budgets.take(try datagram(payload + [7]), at: 0) == 9)
            for position in payload.indices {
                var other = payload
                other[position] = 8
                #expect(budgets.take(try datagram(other), at: 0) == 9)
            }
            #expect(budgets.take(try datagram(payload), at: 0) == 1)
        }
    }

    @Test func whatIsNoDatagramIsHarmless() throws {
        let budgets = try #require(AnswerBudgets(perSegment: 9))
        for octets in [[], [0x45], [UInt8](repeating: 0xff, count: 20), [UInt8](repeating: 0x45, count: 20)] {
            budgets.note(octets, budget: 1, at: 0)
            _ = budgets.take(octets, at: 0)
        }
    }
}

extension AnswerBudgets {
    fileprivate func note(_ octets: [UInt8], budget: UInt32, at now: UInt64) {
        note(octets.span, budget: budget, at: now)
    }

    fileprivate func take(_ octets: [UInt8], at now: UInt64) -> UInt32 {
        take(octets.span, at: now)
    }
}
