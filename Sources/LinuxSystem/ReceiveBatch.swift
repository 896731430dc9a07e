import CLinuxShims

/// Preallocated room for the datagrams of one `recvmmsg(2)`.
@safe
package struct ReceiveBatch: ~Copyable {
    package let capacity: Int
    private let batch: OpaquePointer
    /// Where the batch describes its datagrams.
    private let datagrams: UnsafePointer<clinux_received>

    /// Room for `capacity` datagrams of any size IPv4 has; memory is touched as it is used.
    ///
    /// - Throws: ``Errno/noMemory``.
    package init(capacity: Int) throws(Errno) {
        guard let batch = unsafe clinux_receive_batch_create(UInt32(capacity), 65_536) else { throw .noMemory }
        unsafe self.batch = batch
        unsafe datagrams = clinux_receive_batch_datagrams(batch)
        self.capacity = capacity
    }

    deinit {
        unsafe clinux_receive_batch_destroy(batch)
    }

    /// Receives what is waiting, at most `limit` and ``capacity`` datagrams, and answers how many.
    ///
    /// Fewer than that means that the socket was emptied.
    package mutating func fill(from socket: borrowing FileDescriptor, atMost limit: Int = .max) throws(Errno) -> Int {
        let (fd, limit) = (socket.rawValue, UInt32(clamping: limit))
        guard let count = try nonBlockingSystemCall({ unsafe clinux_receive_batch_fill(batch, fd, limit) }) else {
            return 0
        }
        return Int(count)
    }

    /// The octets of a datagram of the latest ``fill(from:)``, the IPv4 header first.
    @inline(__always)
    @_lifetime(borrow self)
    package func octets(at index: Int) -> Span<UInt8> {
        precondition(index >= 0 && index < capacity, "a batch holds \(capacity) datagrams")
        let span = unsafe Span(_unsafeStart: datagrams[index].octets, count: Int(datagrams[index].length))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The kernel's wall-clock time of a datagram's arrival, in nanoseconds since 1970; 0 when it gave none.
    @inline(__always)
    package func timestampNanoseconds(at index: Int) -> Int64 {
        precondition(index >= 0 && index < capacity, "a batch holds \(capacity) datagrams")
        return unsafe datagrams[index].timestamp_ns
    }

    /// When a datagram arrived, as the kernel said; now, where it did not.
    @inline(__always)
    package func arrivalTime(at index: Int) -> Int64 {
        let timestamp = timestampNanoseconds(at: index)
        return timestamp == 0 ? Clock.realtimeNanoseconds : timestamp
    }

    /// What the socket had dropped when a datagram was queued, modulo 2³²; 0 when nothing.
    @inline(__always)
    package func drops(at index: Int) -> UInt32 {
        precondition(index >= 0 && index < capacity, "a batch holds \(capacity) datagrams")
        return unsafe datagrams[index].drops
    }
}
