import Testing

@testable import SegmentEngine

@Suite struct DeadlineQueueTests {
    @Test(arguments: UInt64(0)..<50)
    func givesWhatIsDueAsSortingDoes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = DeadlineQueue<UInt64>()
        var reference: [UInt64] = []
        for _ in 0..<300 {
            if Int.random(in: 0..<3, using: &generator) > 0 {
                let deadline = UInt64.random(in: 0...40, using: &generator)
                queue.insert(deadline, at: deadline)
                reference.append(deadline)
                reference.sort()
            } else {
                let now = UInt64.random(in: 0...40, using: &generator)
                let isDue = reference.first.map { $0 <= now } ?? false
                let expected = isDue ? reference.removeFirst() : nil
                let due = queue.popDue(at: now)
                #expect(due == expected)
            }
            #expect(queue.earliest == reference.first)
            #expect(queue.count == reference.count)
        }
        var rest: [UInt64] = []
        while let due = queue.popDue(at: .max) { rest.append(due) }
        #expect(rest == reference)
    }

    @Test func givesNothingBeforeItsTime() {
        var queue = DeadlineQueue<String>()
        #expect(queue.earliest == nil)
        #expect(queue.popDue(at: .max) == nil)
        queue.insert("late", at: 11)
        #expect(queue.popDue(at: 10) == nil)
        #expect(queue.count == 1)
        #expect(queue.popDue(at: 11) == "late")
        #expect(queue.count == 0)
    }
}
