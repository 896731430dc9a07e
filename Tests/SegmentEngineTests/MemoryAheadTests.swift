import Glibc
import LinuxSystem
import Testing

@testable import SegmentEngine

/// Memory of which the kernel says how much it has provided.
@safe
private final class WatchedMemory {
    static let page = sysconf(CInt(_SC_PAGESIZE))

    let octets: Int
    private let start: UnsafeMutableRawPointer

    init(octets: Int) throws {
        guard let start = unsafe mmap(nil, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            unsafe start != MAP_FAILED
        else { throw Errno.noMemory }
        // What the system has set may make pages large, and then a count of them tells little.
        unsafe madvise(start, octets, MADV_NOHUGEPAGE)
        unsafe self.start = start
        self.octets = octets
    }

    deinit {
        unsafe munmap(start, octets)
    }

    /// How many octets there are from the start, without a gap, that the kernel has provided, and how many in all.
    var provided: (upTo: Int, inAll: Int) {
        var pages = [UInt8](repeating: 0, count: octets / Self.page)
        guard unsafe mincore(start, octets, &pages) == 0 else { return (upTo: -1, inAll: -1) }
        let first = pages.firstIndex { $0 & 1 == 0 } ?? pages.count
        return (upTo: first * Self.page, inAll: pages.count { $0 & 1 == 1 } * Self.page)
    }

    /// Writes to so many octets from the start.
    func use(_ count: Int) {
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0xa5, count: count)
    }

    /// Whether so many octets from the start hold what ``use(_:)`` has written.
    func holds(_ count: Int) -> Bool {
        unsafe UnsafeRawBufferPointer(start: start, count: count).allSatisfy { $0 == 0xa5 }
    }

    /// Provides what is wanted while so many octets are used, beginning so many octets into this memory, and answers in
    /// how many steps.
    func provide(by ahead: inout MemoryAhead, used: Int, from offset: Int = 0) -> Int {
        var steps = 0
        while let piece = unsafe ahead.takePiece(of: start + offset, used: used), steps < 1000 {
            piece.provide()
            steps += 1
        }
        return steps
    }
}

@Suite struct MemoryAheadTests {
    private static let piece = MemoryAhead.piece
    private static let distance = MemoryAhead.distance

    @Test func providesNothingForWhatIsNeverUsed() throws {
        let memory = try WatchedMemory(octets: 4 * Self.distance)
        var ahead = MemoryAhead(capacity: memory.octets)
        #expect(!ahead.isLacking(used: 0))
        #expect(memory.provide(by: &ahead, used: 0) == 0)
        #expect(memory.provided == (upTo: 0, inAll: 0))
    }

    @Test func providesSoMuchAheadOfWhatIsUsedAndNoMore() throws {
        let memory = try WatchedMemory(octets: 4 * Self.distance)
        var ahead = MemoryAhead(capacity: memory.octets)
        for used in [1, 53, Self.piece - 1, Self.piece, Self.piece + 1, Self.distance, 2 * Self.distance + 4097] {
            memory.use(used)
            _ = memory.provide(by: &ahead, used: used)
            let end = (used / Self.piece + 1) * Self.piece + Self.distance
            #expect(memory.provided == (upTo: end, inAll: end), "\(used)")
            #expect(memory.holds(used))
        }
    }

    /// A little use is no reason to do anything, and each piece that is used to provide one.
    @Test func worksInPieces() throws {
        let memory = try WatchedMemory(octets: 4 * Self.distance)
        var ahead = MemoryAhead(capacity: memory.octets)
        memory.use(2 * Self.piece)
        #expect(memory.provide(by: &ahead, used: 1) == (Self.distance + Self.piece + Self.piece - 2) / Self.piece)
        #expect(!ahead.isLacking(used: Self.piece - 1))
        #expect(memory.provide(by: &ahead, used: Self.piece) == 1)
        #expect(!ahead.isLacking(used: 2 * Self.piece - 1))
        #expect(memory.provide(by: &ahead, used: 2 * Self.piece) == 1)
    }

    /// More may be used at once than was provided.
    @Test func goesOnBehindWhatIsUsed() throws {
        let memory = try WatchedMemory(octets: 8 * Self.distance)
        var ahead = MemoryAhead(capacity: memory.octets)
        _ = memory.provide(by: &ahead, used: 1)
        let used = 5 * Self.distance
        memory.use(4096)
        let before = memory.provided.inAll
        _ = memory.provide(by: &ahead, used: used)
        #expect(memory.provided.inAll == before + Self.piece + Self.distance, "none of what is used")
    }

    @Test(arguments: [2, 4095, 4096, 4097, MemoryAhead.piece, MemoryAhead.distance - 1, MemoryAhead.distance + 5])
    func endsWithTheMemory(capacity: Int) throws {
        let memory = try WatchedMemory(octets: 2 * Self.distance)
        var ahead = MemoryAhead(capacity: capacity)
        _ = memory.provide(by: &ahead, used: 1)
        let pages = (capacity + WatchedMemory.page - 1) / WatchedMemory.page
        #expect(memory.provided == (upTo: pages * WatchedMemory.page, inAll: pages * WatchedMemory.page))
        #expect(!ahead.isLacking(used: capacity))
    }

    /// Memory begins where the allocator says, which is no page as a rule: each page is provided all the same.
    @Test func leavesNoPageBetweenPiecesOut() throws {
        let memory = try WatchedMemory(octets: 4 * Self.distance)
        var ahead = MemoryAhead(capacity: memory.octets - WatchedMemory.page)
        _ = memory.provide(by: &ahead, used: 1, from: 16)
        let end = Self.piece + Self.distance + WatchedMemory.page
        #expect(memory.provided == (upTo: end, inAll: end))
    }
}
