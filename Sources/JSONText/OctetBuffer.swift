/// Octets that are written once and then read by whoever holds them, without another copy.
@safe
package final class OctetBuffer: @unchecked Sendable {
    package let count: Int
    private let start: UnsafeMutablePointer<UInt8>
    /// Whether the memory goes when the buffer does.
    private let isOwner: Bool

    /// Takes over memory whose first `count` octets are initialized.
    init(adopting start: UnsafeMutablePointer<UInt8>, count: Int) {
        unsafe self.start = start
        self.count = count
        isOwner = true
    }

    /// Octets that are there for as long as the program runs, and never change.
    @unsafe package init(constant start: UnsafeRawPointer, count: Int) {
        unsafe self.start = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
        self.count = count
        isOwner = false
    }

    /// A copy of some octets.
    package init(_ octets: [UInt8] = []) {
        count = octets.count
        unsafe start = .allocate(capacity: octets.count)
        unsafe start.initialize(from: octets, count: octets.count)
        isOwner = true
    }

    deinit {
        if isOwner { unsafe start.deallocate() }
    }

    /// The octets, in place.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: start, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Where the octets are for as long as somebody holds the buffer; for C.
    @unsafe package var address: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(start) }
}

extension OctetBuffer: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }
    package subscript(position: Int) -> UInt8 { span[position] }
}

extension OctetBuffer: Hashable {
    package static func == (first: OctetBuffer, second: OctetBuffer) -> Bool { first.elementsEqual(second) }

    package func hash(into hasher: inout Hasher) {
        for octet in self { hasher.combine(octet) }
    }
}
