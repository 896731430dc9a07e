import LinuxSystem

/// How far memory that is used from its start to its end has been provided by the kernel.
///
/// The kernel provides memory page by page when it is first written to, and takes as long for a page as receiving a
/// segment does. Provided ahead, while there is nothing else to do, it costs less, and nothing when segments come.
struct MemoryAhead {
    /// How many octets are provided beyond those that are used: about what the segments of a full receive buffer take.
    static let distance = 1 << 20
    /// How many octets are provided at a time, so that what comes meanwhile waits for microseconds.
    static let piece = 1 << 16

    /// How many octets there are.
    let capacity: Int
    /// How many of them, from the start, were provided or are used.
    private var provided = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Whether there is something to provide while so many octets are used.
    func isLacking(used: Int) -> Bool {
        provided < wanted(used: used)
    }

    /// Provides the next piece of what is beyond so many octets that are used; `memory` has ``capacity`` octets.
    @unsafe
    mutating func provide(_ memory: UnsafeMutableRawPointer, used: Int) {
        let start = max(provided, used)
        let end = min(start + Self.piece, wanted(used: used))
        unsafe Pages.provide(memory + start, octets: end - start)
        provided = max(start, end)
    }

    /// In whole pieces, so that a little use is no reason to provide a little more.
    private func wanted(used: Int) -> Int {
        // Nothing before the first use, so that what is never used is never provided.
        used == 0 ? 0 : min((used / Self.piece + 1) * Self.piece + Self.distance, capacity)
    }
}
