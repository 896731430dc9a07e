import LinuxSystem
import TCPWire

/// Finds the endpoint a segment is for by its addresses and ports, in constant time.
///
/// A hash table with linear probing: lookups touch one cache line as a rule, and
/// cost the same with ten thousand endpoints as with one.
package struct EndpointIndex {
    /// In 16 octets, so that none lies in two lines of the cache.
    private struct Entry {
        /// The local address and port, and above them the remote's upper 16 bits.
        private var first: UInt64 = 0
        /// The remote's lower 32 bits, and below them the endpoint's place plus one; 0 where there is none.
        private var second: UInt64 = 0

        init() {}

        init(local: UInt64, remote: UInt64, slot: Int) {
            first = Self.first(local, remote)
            second = remote << 32 | UInt64(UInt32(slot) + 1)
        }

        var isEmpty: Bool { UInt32(truncatingIfNeeded: second) == 0 }
        var slot: Int { Int(UInt32(truncatingIfNeeded: second)) - 1 }
        var local: UInt64 { first & 0xffff_ffff_ffff }
        var remote: UInt64 { (first >> 48) << 32 | second >> 32 }

        func isFor(_ local: UInt64, _ remote: UInt64) -> Bool {
            first == Self.first(local, remote) && second >> 32 == remote & 0xffff_ffff
        }

        private static func first(_ local: UInt64, _ remote: UInt64) -> UInt64 {
            local | (remote >> 32) << 48
        }
    }

    /// As many as a power of two.
    private var entries = [Entry](repeating: Entry(), count: 16)
    package private(set) var count = 0
    /// How many have a remote of their own.
    private var exactCount = 0

    package init() {}

    /// The endpoint for exactly this remote, else the one at `local` for any remote; `nil` when there is neither.
    package func slot(local: TransportAddress, remote: TransportAddress) -> Int? {
        // Looking where nothing can be costs as much as finding: with many endpoints, memory is cold.
        if exactCount > 0, let slot = find(Self.key(local), Self.key(remote)) { return slot }
        return exactCount < count ? find(Self.key(local), 0) : nil
    }

    /// Asks for the memory that finding an endpoint will read, without waiting for it.
    func prefetch(local: TransportAddress, remote: TransportAddress) {
        let (local, remote) = (Self.key(local), Self.key(remote))
        unsafe entries.withUnsafeBufferPointer { entries in
            guard let start = entries.baseAddress else { return }
            if exactCount > 0 { unsafe Cache.prefetch(start + (Self.hash(local, remote) & mask)) }
            if exactCount < count { unsafe Cache.prefetch(start + (Self.hash(local, 0) & mask)) }
        }
    }

    /// The endpoint with exactly this definition of its remote.
    package func slot(exactly local: TransportAddress, _ remote: TransportAddress?) -> Int? {
        find(Self.key(local), remote.map(Self.key) ?? 0)
    }

    /// Adds an endpoint whose addresses and ports no other has.
    package mutating func insert(_ slot: Int, local: TransportAddress, remote: TransportAddress?) {
        if (count + 1) * 2 > entries.count {
            grow()
        }
        place(Entry(local: Self.key(local), remote: remote.map(Self.key) ?? 0, slot: slot))
        count += 1
        if remote != nil { exactCount += 1 }
    }

    /// Removes an endpoint that is there.
    package mutating func remove(local: TransportAddress, remote: TransportAddress?) {
        guard var hole = position(Self.key(local), remote.map(Self.key) ?? 0) else { return }
        count -= 1
        if remote != nil { exactCount -= 1 }
        // Closes the gap, so that no search ends early at it.
        var next = (hole + 1) & mask
        while !entries[next].isEmpty {
            let home = Self.hash(entries[next].local, entries[next].remote) & mask
            if (next - home) & mask >= (next - hole) & mask {
                entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        entries[hole] = Entry()
    }

    private var mask: Int { entries.count - 1 }

    private func find(_ local: UInt64, _ remote: UInt64) -> Int? {
        position(local, remote).map { entries[$0].slot }
    }

    private func position(_ local: UInt64, _ remote: UInt64) -> Int? {
        var position = Self.hash(local, remote) & mask
        while !entries[position].isEmpty {
            if entries[position].isFor(local, remote) { return position }
            position = (position + 1) & mask
        }
        return nil
    }

    private mutating func place(_ entry: Entry) {
        var position = Self.hash(entry.local, entry.remote) & mask
        while !entries[position].isEmpty {
            position = (position + 1) & mask
        }
        entries[position] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: old.count * 2)
        for entry in old where !entry.isEmpty {
            place(entry)
        }
    }

    /// Never 0 for an address and port that a segment can have, so 0 stands for "any".
    private static func key(_ address: TransportAddress) -> UInt64 {
        UInt64(address.address.rawValue) << 16 | UInt64(address.port)
    }

    private static func hash(_ local: UInt64, _ remote: UInt64) -> Int {
        // Multiplying spreads the low bits, in which neighbours differ, over the high ones that are kept.
        let mixed = (local ^ (remote &* 0x9e37_79b9_7f4a_7c15)) &* 0xbf58_476d_1ce4_e5b9
        return Int(truncatingIfNeeded: mixed >> 32)
    }
}
