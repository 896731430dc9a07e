import Locking

/// Memory for the counters of received segments, all of it close together.
///
/// Counters that stand wherever the heap has room cost a walk through the page tables for each segment, once there
/// are thousands of endpoints.
@safe
final class CounterPool: Sendable {
    @safe
    private struct Memory: @unchecked Sendable {
        var slabs: [UnsafeMutableRawPointer] = unsafe []
        /// Places that nobody has, the lowest last.
        var free: [UnsafeMutablePointer<ReceivedCounters.Block>] = unsafe []
    }

    private static let slabBlocks = 1024
    /// A line of the cache, so that no block touches more of them than it must.
    private static let alignment = 64

    private let memory = Locked(Memory())

    deinit {
        memory.withLock { memory in
            unsafe memory.slabs.forEach { slab in unsafe slab.deallocate() }
        }
    }

    /// Counters that are zero.
    func take() -> ReceivedCounters {
        memory.withLock { memory in
            if unsafe memory.free.isEmpty { Self.grow(&memory) }
            let block = unsafe memory.free.removeLast()
            unsafe block.initialize(to: ReceivedCounters.Block())
            return unsafe ReceivedCounters(block: block)
        }
    }

    /// Takes counters back that nobody reads any more.
    func giveBack(_ counters: ReceivedCounters) {
        memory.withLock { memory in
            unsafe counters.block.deinitialize(count: 1)
            unsafe memory.free.append(counters.block)
        }
    }

    private static func grow(_ memory: inout Memory) {
        let stride = MemoryLayout<ReceivedCounters.Block>.stride
        let slab = UnsafeMutableRawPointer.allocate(byteCount: slabBlocks * stride, alignment: alignment)
        unsafe memory.slabs.append(slab)
        let blocks = unsafe slab.bindMemory(to: ReceivedCounters.Block.self, capacity: slabBlocks)
        for place in (0..<slabBlocks).reversed() {
            unsafe memory.free.append(blocks + place)
        }
    }
}
