/// Losses whose marks have left the ring, so that readers who fall behind are still told of them.
///
/// When there are too many it forgets the oldest first.
struct PastLosses: Sendable {
    /// How many are remembered of a ring: a mebioctet of them.
    static let usualCapacity = 1 << 16

    private struct Mark {
        var number: UInt64
        var socket: UInt32
        var lost: UInt32
    }

    private let capacity: Int
    /// In order, but that the oldest is at ``oldest`` once there are as many as may be.
    private var marks: [Mark] = []
    private var oldest = 0

    init(capacity: Int = usualCapacity) {
        self.capacity = capacity
    }

    /// Remembers a mark, whose number is greater than all before it.
    mutating func append(_ record: CaptureRecord, number: UInt64) {
        let mark = Mark(number: number, socket: record.socket, lost: record.lost)
        if marks.count < capacity {
            marks.append(mark)
        } else {
            marks[oldest] = mark
            oldest = oldest + 1 == capacity ? 0 : oldest + 1
        }
    }

    /// How many of the records after a number were marks, and how many datagrams those stand for that matter.
    func since(_ number: UInt64, where matters: (UInt32) -> Bool) -> (marks: UInt64, lost: UInt64) {
        var (count, lost): (UInt64, UInt64) = (0, 0)
        // From the latest back, because readers are mostly not far behind.
        for mark in [marks[oldest...], marks[..<oldest]].joined().reversed() {
            guard mark.number > number else { break }
            count += 1
            if matters(mark.socket) { lost += UInt64(mark.lost) }
        }
        return (marks: count, lost: lost)
    }
}
