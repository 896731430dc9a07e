import Testing

@testable import SegmentEngine

@Suite struct PurposeRunsTests {
    private typealias Purpose = EngineSocket.Purpose

    private static let purposes = (0..<3).flatMap { number in
        [true, false].map { isRecorded in
            Purpose(
                kind: number == 0 ? .reply : .transmission(UInt64(number)), slot: number, serial: 7,
                segmentLength: 20, isRecorded: isRecorded)
        }
    }

    /// Purposes one by one, as a list has them.
    private static func listed(_ runs: borrowing PurposeRuns) -> [Purpose] {
        var listed: [Purpose] = []
        for position in runs.indices {
            listed += Array(repeating: runs[position].purpose, count: runs[position].count)
        }
        return listed
    }

    @Test(arguments: 1...20)
    func noteWhatAListNotes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var runs = PurposeRuns()
        var list: [Purpose] = []
        for _ in 0..<300 {
            let purpose = Self.purposes.randomElement(using: &generator) ?? Self.purposes[0]
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                let removed = runs.remove { $0.kind == purpose.kind }
                let unwanted = RangeSet(list.indices.filter { list[$0].kind == purpose.kind }, within: list)
                #expect(removed == unwanted)
                list.removeSubranges(unwanted)
            case 1..<4 where !list.isEmpty:
                let limit = Int.random(in: 1...5, using: &generator)
                let taken = runs.takeFirst(atMost: limit)
                #expect(taken.purpose == list[0])
                #expect(taken.count == list.prefix(limit).prefix { $0 == list[0] }.count)
                list.removeFirst(taken.count)
            default:
                let count = Int.random(in: 0..<4, using: &generator)
                runs.append(purpose, count: count)
                list += Array(repeating: purpose, count: count)
            }
            #expect(Self.listed(runs) == list)
            let first = Int.random(in: 0...5, using: &generator)
            let isAnyRecorded = runs.isAnyRecorded(ofFirst: first)
            #expect(isAnyRecorded == list.prefix(first).contains(where: \.isRecorded))
        }
    }
}
