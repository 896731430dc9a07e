import Testing

@testable import SegmentEngine

@Suite struct PastLossesTests {
    private struct Mark {
        var number: UInt64
        var socket: UInt32
        var lost: UInt32
    }

    /// Against all that was ever lost: what is remembered is told, from whatever number on.
    @Test(arguments: 1...5, 0...12)
    func areToldAsFarAsTheyAreRemembered(capacity: Int, count: Int) {
        var losses = PastLosses(capacity: capacity)
        var marks: [Mark] = []
        for place in 0..<count {
            marks.append(Mark(number: UInt64(place) * 3 + 2, socket: UInt32(place % 2), lost: 1 << UInt32(place)))
        }
        for mark in marks { losses.append(.loss(of: mark.lost, on: mark.socket), number: mark.number) }
        for number in 0...UInt64(count * 3 + 3) {
            let since = marks.suffix(capacity).filter { $0.number > number }
            let own = losses.since(number) { $0 == 1 }
            let all = losses.since(number) { _ in true }
            #expect(own.marks == UInt64(since.count))
            #expect(own.lost == sum(of: since.filter { $0.socket == 1 }))
            #expect(all.lost == sum(of: since))
        }
    }

    private func sum(of marks: [Mark]) -> UInt64 {
        var sum: UInt64 = 0
        for mark in marks { sum += UInt64(mark.lost) }
        return sum
    }
}
