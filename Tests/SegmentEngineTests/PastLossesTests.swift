import Testing

@testable import SegmentEngine

@Suite struct PastLossesTests {
    /// Against all that was ever lost: what is remembered is told, from whatever number on.
    @Test(arguments: 1...5, 0...12)
    func areToldAsFarAsTheyAreRemembered(capacity: Int, count: Int) {
        var losses = PastLosses(capacity: capacity)
        let marks = (0..<count).map { (number: UInt64($0 * 3 + 2), socket: UInt32($0 % 2), lost: UInt32(1) << $0) }
        for mark in marks { losses.append(.loss(of: mark.lost, on: mark.socket), number: mark.number) }
        let remembered = marks.suffix(capacity)
        for number in 0...UInt64(count * 3 + 3) {
            let since = remembered.filter { $0.number > number }
            let own = losses.since(number) { $0 == 1 }
            #expect(own.marks == UInt64(since.count))
            #expect(own.lost == since.filter { $0.socket == 1 }.reduce(0) { $0 + UInt64($1.lost) })
            #expect(losses.since(number) { _ in true }.lost == since.reduce(0) { $0 + UInt64($1.lost) })
        }
    }
}
