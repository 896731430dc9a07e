/// What is due when, the earliest first: a binary heap.
package struct DeadlineQueue<Item> {
    private var heap: [(deadline: UInt64, item: Item)] = []

    package init() {}

    package var count: Int { heap.count }

    /// The earliest deadline, in nanoseconds of the monotonic clock.
    package var earliest: UInt64? { heap.first?.deadline }

    package mutating func insert(_ item: Item, at deadline: UInt64) {
        heap.append((deadline: deadline, item: item))
        raise(heap.count - 1)
    }

    /// Takes out every item that `isUnwanted`, in time that grows with the number of items.
    package mutating func removeAll(where isUnwanted: (Item) -> Bool) {
        heap.removeAll { isUnwanted($0.item) }
        for position in heap.indices {
            raise(position)
        }
    }

    /// Moves an item up until none above it is later.
    private mutating func raise(_ position: Int) {
        var child = position
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest item that is due at `now`; `nil` when none is.
    package mutating func popDue(at now: UInt64) -> Item? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            guard least != parent else { return first.item }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
