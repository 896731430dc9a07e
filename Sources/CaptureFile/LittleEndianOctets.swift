import TCPWire

/// Octets of a pcapng file in the making.
struct LittleEndianOctets {
    private(set) var octets: [UInt8]

    init(_ octets: consuming [UInt8] = []) {
        self.octets = octets
    }

    mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for place in 0..<Value.bitWidth / 8 {
            octets.append(UInt8(truncatingIfNeeded: value >> (8 * Value(place))))
        }
    }

    /// A time in the halves that packet blocks have.
    mutating func appendTime(_ nanoseconds: Int64) {
        let time = UInt64(max(nanoseconds, 0))
        append(UInt32(truncatingIfNeeded: time >> 32))
        append(UInt32(truncatingIfNeeded: time))
    }

    /// Octets, padded to a multiple of four.
    mutating func append(copying span: Span<UInt8>) {
        octets += [UInt8](copying: span)
        pad()
    }

    mutating func option(_ code: UInt16, _ text: String) {
        option(code, octets: Array(text.utf8.prefix(Int(UInt16.max))))
    }

    mutating func option(_ code: UInt16, octets value: [UInt8]) {
        append(code)
        append(UInt16(value.count))
        octets += value
        pad()
    }

    mutating func option<Value: FixedWidthInteger & UnsignedInteger>(_ code: UInt16, number: Value) {
        append(code)
        append(UInt16(Value.bitWidth / 8))
        append(number)
    }

    mutating func endOptions() {
        append(0 as UInt32)
    }

    /// A block of a type, with its length before and after it.
    mutating func block(_ type: UInt32, _ body: (inout LittleEndianOctets) -> Void) {
        let start = octets.count
        append(type)
        append(0 as UInt32)
        body(&self)
        let length = UInt32(octets.count + 4 - start)
        append(length)
        for place in 0..<4 {
            octets[start + 4 + place] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(place)))
        }
    }

    private mutating func pad() {
        while !octets.count.isMultiple(of: 4) {
            octets.append(0)
        }
    }
}
