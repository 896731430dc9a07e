import CLinuxShims

/// Datagrams on their way to one `sendmmsg(2)`, in preallocated memory.
///
/// Filled to the end, sent from the front: what the kernel did not take stays
/// until it does, or until it is given up.
@safe
package struct SendBatch: ~Copyable {
    /// How a send ended.
    package enum Progress: Equatable, Sendable {
        /// So many datagrams left, which may be fewer than there are.
        case sent(Int)
        /// The first datagram did not leave.
        case failed(Errno)
    }

    private static let octetCapacity = 1 << 18
    /// The largest datagram IPv4 has, in octets.
    private static let largestDatagram = 65_535
    /// The length of an IPv4 header without options, in octets.
    private static let headerLength = 20

    package let capacity: Int
    private let batch: OpaquePointer
    private var first = 0
    private var end = 0
    private var usedOctets = 0

    /// Room for `capacity` datagrams; memory is touched as it is used.
    ///
    /// - Throws: ``Errno/noMemory``.
    package init(capacity: Int) throws(Errno) {
        guard let batch = unsafe clinux_send_batch_create(UInt32(capacity), Self.octetCapacity) else {
            throw .noMemory
        }
        unsafe self.batch = batch
        self.capacity = capacity
    }

    deinit {
        unsafe clinux_send_batch_destroy(batch)
    }

    package var isEmpty: Bool { first == end }

    /// The places of the datagrams that wait, the front first.
    package var waiting: Range<Int> { first..<end }

    /// Whether one more datagram of any size fits.
    package var hasRoom: Bool {
        end < capacity && usedOctets + Self.largestDatagram <= Self.octetCapacity
    }

    /// Adds a datagram of at most 65,535 octets and answers its place.
    ///
    /// `write` fills all `length` octets and answers the destination, in host byte order. Ask ``hasRoom`` first.
    package mutating func append(
        length: Int, _ write: (_ octets: inout MutableSpan<UInt8>) -> UInt32
    ) -> Int {
        precondition(hasRoom && length <= Self.largestDatagram, "no room for \(length) octets")
        var span = unsafe MutableSpan(_unsafeStart: clinux_send_batch_octets(batch) + usedOctets, count: length)
        let destination = write(&span)
        unsafe clinux_send_batch_set(batch, UInt32(end), usedOctets, length, destination.bigEndian)
        usedOctets += length
        end += 1
        return end - 1
    }

    /// How many more datagrams of so many octets fit; 0 where ``hasRoom`` says no.
    package func room(forLength length: Int) -> Int {
        hasRoom ? min(capacity - end, (Self.octetCapacity - usedOctets) / max(length, 1)) : 0
    }

    /// Adds datagrams of the same length, each for the destination in its IPv4 header, and answers the place of the
    /// first.
    ///
    /// `write` fills the octets of all of them, one after the other; of those that are alike, which share their memory,
    /// the octets of one. At most as many as there is ``room(forLength:)``, of 20 octets or more.
    @discardableResult
    package mutating func append(
        count: Int, areAlike: Bool, length: Int, _ write: (_ octets: inout MutableSpan<UInt8>) -> Void
    ) -> Int {
        precondition(
            length >= Self.headerLength && length <= Self.largestDatagram && count <= room(forLength: length),
            "no room for \(count) of \(length) octets")
        let octetCount = areAlike ? length : count * length
        var span = unsafe MutableSpan(_unsafeStart: clinux_send_batch_octets(batch) + usedOctets, count: octetCount)
        write(&span)
        unsafe clinux_send_batch_set_each(
            batch, UInt32(end), UInt32(count), usedOctets, areAlike ? 0 : length, length)
        usedOctets += octetCount
        end += count
        return end - count
    }

    /// Hands what waits to the kernel, once.
    package mutating func send(through socket: borrowing FileDescriptor) -> Progress {
        let (fd, first, end) = (socket.rawValue, UInt32(first), UInt32(end))
        do throws(Errno) {
            let count = Int(try systemCall { unsafe clinux_send_batch_send(batch, fd, first, end) })
            return .sent(count)
        } catch {
            return .failed(error)
        }
    }

    /// Takes so many datagrams off the front, sent or given up.
    package mutating func removeFirst(_ count: Int) {
        precondition(count <= end - first, "\(count) of \(end - first) datagrams cannot be removed")
        first += count
        if first == end {
            (first, end, usedOctets) = (0, 0, 0)
        }
    }

    /// Takes out datagrams, counted from the front, which is 0, and closes the gaps.
    package mutating func remove(_ unwanted: RangeSet<Int>) {
        var next = first
        for place in waiting where !unwanted.contains(place - first) {
            if next < place {
                unsafe clinux_send_batch_move(batch, UInt32(place), UInt32(next))
            }
            next += 1
        }
        end = next
        removeFirst(0)
    }

    /// The octets of the datagram at a place of ``waiting``, until it is removed.
    @_lifetime(borrow self)
    package func octets(at place: Int) -> Span<UInt8> {
        precondition(waiting.contains(place), "no datagram waits at \(place)")
        var length = 0
        let start = unsafe clinux_send_batch_datagram(batch, UInt32(place), &length)
        let span = unsafe Span(_unsafeStart: start, count: length)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
