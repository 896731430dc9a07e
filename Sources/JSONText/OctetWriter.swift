/// Writes octets into memory that grows, and becomes a buffer in the end.
///
/// An array checks with every append who else holds it; for text that comes in pieces of a few octets this is
/// several times faster.
@safe
package struct OctetWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int) {
        self.capacity = Swift.max(capacity, 16)
        unsafe start = .allocate(capacity: self.capacity)
    }

    deinit {
        unsafe start.deallocate()
    }

    /// Ends writing; the octets are not copied.
    package consuming func finish() -> OctetBuffer {
        let buffer = unsafe OctetBuffer(adopting: start, count: count)
        discard self
        return buffer
    }

    /// A copy of what has been written.
    package var copy: [UInt8] {
        unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    }

    /// Makes room for so many octets more.
    @inline(__always)
    package mutating func reserve(_ additional: Int) {
        if additional > capacity - count { grow(by: additional) }
    }

    @inline(__always)
    package mutating func append(_ octet: UInt8) {
        reserve(1)
        appendReserved(octet)
    }

    @inline(__always)
    package mutating func append(_ word: StaticString) {
        reserve(word.utf8CodeUnitCount)
        appendReserved(word)
    }

    package mutating func append(_ octets: Span<UInt8>) {
        reserve(octets.count)
        unsafe octets.withUnsafeBufferPointer { octets in
            guard let first = octets.baseAddress else { return }
            unsafe (start + count).initialize(from: first, count: octets.count)
        }
        count += octets.count
    }

    /// Appends at most `limit` octets, those that `write` appends to the span it is given.
    @inline(__always)
    package mutating func append(atMost limit: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        reserve(limit)
        let free = unsafe UnsafeMutableBufferPointer(start: start + count, count: limit)
        var output = unsafe OutputSpan(buffer: free, initializedCount: 0)
        write(&output)
        count += unsafe output.finalize(for: free)
    }

    /// Appends an octet for which there is room.
    @inline(__always)
    mutating func appendReserved(_ octet: UInt8) {
        unsafe start[count] = octet
        count &+= 1
    }

    /// Appends a word for which there is room.
    @inline(__always)
    mutating func appendReserved(_ word: StaticString) {
        unsafe (start + count).initialize(from: word.utf8Start, count: word.utf8CodeUnitCount)
        count &+= word.utf8CodeUnitCount
    }

    /// Appends decimal digits, without leading zeros, for which there is room.
    @inline(__always)
    mutating func appendReserved(_ number: UInt64) {
        // Most counters are 0.
        if number < 10 {
            appendReserved(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number))
        } else {
            appendDigits(of: number)
        }
    }

    private mutating func appendDigits(of number: UInt64) {
        var (digits, bound): (Int, UInt64) = (1, 10)
        while digits < 20, number >= bound {
            digits &+= 1
            bound &*= 10
        }
        var rest = number
        var position = count &+ digits
        count = position
        repeat {
            position &-= 1
            unsafe start[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
    }

    private mutating func grow(by additional: Int) {
        let larger = Swift.max(capacity * 2, count + additional)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        unsafe memory.moveInitialize(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = memory
        capacity = larger
    }
}
