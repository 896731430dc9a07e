import LinuxSystem

/// How far memory that is used from its start to its end has been provided by the kernel.
///
/// The kernel provides memory page by page when it is first written to, and takes as long for a page as receiving a
/// segment does. Provided ahead by another thread, it takes no time when segments come.
struct MemoryAhead {
    /// What to provide next.
    @safe
    struct Piece: @unchecked Sendable {
        private let start: UnsafeMutableRawPointer
        private let octets: Int

        init(start: UnsafeMutableRawPointer, octets: Int) {
            unsafe self.start = start
            self.octets = octets
        }

        /// Has the kernel provide it, on whatever thread; what is in it may be used and changed meanwhile.
        func provide() {
            unsafe Pages.provide(start, octets: octets)
        }
    }

    /// How many octets are provided beyond those that are used: about what the segments of a full receive buffer take.
    static let distance = 1 << 20
    /// How many octets are provided at a time.
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

    /// The next piece to provide while so many octets are used; `nil` when nothing is lacking.
    ///
    /// `memory` has ``capacity`` octets.
    @unsafe
    mutating func takePiece(of memory: UnsafeMutableRawPointer, used: Int) -> Piece? {
        guard isLacking(used: used) else { return nil }
        let start = max(provided, used)
        let end = min(start + Self.piece, wanted(used: used))
        provided = max(start, end)
        return unsafe Piece(start: memory + start, octets: end - start)
    }

    /// In whole pieces, so that a little use is no reason to provide a little more.
    private func wanted(used: Int) -> Int {
        // Nothing before the first use, so that what is never used is never provided.
        used == 0 ? 0 : min((used / Self.piece + 1) * Self.piece + Self.distance, capacity)
    }
}
