// Network byte order is big-endian (RFC 791 appendix B). Every access is checked
// against the span's bounds once. Loads and stores are `unsafe` only because the
// standard library cannot tell yet that any octets make a valid integer.

extension Span<UInt8> {
    /// The two octets at `offset` as a number in host byte order.
    @inline(__always)
    package func bigEndianUInt16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The four octets at `offset` as a number in host byte order.
    @inline(__always)
    package func bigEndianUInt32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension MutableSpan<UInt8> {
    /// Replaces the two octets at `offset`.
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func store(bigEndian value: UInt16, at offset: Int) {
        var octets = unsafe mutableBytes
        octets.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// Replaces the four octets at `offset`.
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func store(bigEndian value: UInt32, at offset: Int) {
        var octets = unsafe mutableBytes
        octets.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
}

extension MutableSpan<UInt8> {
    /// Overwrites the octets from an offset on, the first unless told otherwise, with a copy of others, for which there
    /// must be room.
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func copy(_ octets: Span<UInt8>, at offset: Int = 0) {
        precondition(
            offset >= 0 && octets.count <= count - offset, "\(octets.count) octets do not fit in \(count) at \(offset)")
        unsafe octets.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe withUnsafeMutableBufferPointer { target in
                guard let end = target.baseAddress else { return }
                unsafe (end + offset).update(from: start, count: octets.count)
            }
        }
    }
}

extension OutputSpan<UInt8> {
    /// Appends a number as two octets, for which there must be room.
    @_lifetime(self: copy self)
    package mutating func append(bigEndian value: UInt16) {
        append(octetsOf: value.bigEndian)
    }

    /// Appends a number as four octets, for which there must be room.
    @_lifetime(self: copy self)
    package mutating func append(bigEndian value: UInt32) {
        append(octetsOf: value.bigEndian)
    }

    /// Appends the octets of a number as they are in memory.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(octetsOf value: Value) {
        let size = MemoryLayout<Value>.size
        precondition(size <= freeCapacity, "the output is full")
        unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
            unsafe UnsafeMutableRawBufferPointer(buffer)
                .storeBytes(of: value, toByteOffset: initializedCount, as: Value.self)
            initializedCount += size
        }
    }

    /// Appends octets in one copy, for which there must be room.
    @_lifetime(self: copy self)
    package mutating func append(copying octets: Span<UInt8>) {
        precondition(octets.count <= freeCapacity, "the output is full")
        unsafe octets.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
                guard let end = buffer.baseAddress else { return }
                unsafe (end + initializedCount).initialize(from: start, count: source.count)
                initializedCount += source.count
            }
        }
    }
}

extension [UInt8] {
    /// A copy of the octets of a span.
    package init(copying octets: Span<UInt8>) {
        self.init(capacity: octets.count) { output in output.append(copying: octets) }
    }
}
