import CLinuxShims
import Glibc

/// Requests to nf_tables that take effect together, as octets for a netlink socket (`netlink(7)`).
///
/// Headers are in this machine's octet order; what nf_tables reads as a number is in network order.
struct NetfilterBatch {
    private static let alignment = 4

    private(set) var octets: [UInt8] = []
    /// The sequence number of the latest request; the first has 1.
    private(set) var latest: UInt32 = 0

    /// Begins a batch.
    init() {
        bound(CInt(NFNL_MSG_BATCH_BEGIN))
    }

    /// Adds a request, and with its last asks for an acknowledgment.
    mutating func request(
        _ type: nf_tables_msg_types, flags: CInt = 0, isLast: Bool = false, _ attributes: (inout NetfilterBatch) -> Void
    ) {
        let type = CInt(NFNL_SUBSYS_NFTABLES) << 8 | CInt(type.rawValue)
        message(type, flags: flags | (isLast ? NLM_F_ACK : 0), family: UInt8(AF_INET), resource: 0, attributes)
    }

    /// Ends the batch; nothing may follow.
    mutating func end() {
        bound(CInt(NFNL_MSG_BATCH_END))
    }

    /// Adds an attribute that holds others.
    mutating func nest(_ type: UInt32, _ attributes: (inout NetfilterBatch) -> Void) {
        let start = octets.count
        append(UInt16(0))
        append(UInt16(truncatingIfNeeded: type) | UInt16(NLA_F_NESTED))
        attributes(&self)
        store(UInt16(truncatingIfNeeded: octets.count - start), at: start)
    }

    /// Adds an attribute of any octets, the padding after them too.
    mutating func attribute(_ type: UInt32, _ value: [UInt8]) {
        append(UInt16(truncatingIfNeeded: 4 + value.count))
        append(UInt16(truncatingIfNeeded: type))
        octets += value
        while !octets.count.isMultiple(of: Self.alignment) {
            octets.append(0)
        }
    }

    /// Adds an attribute that is a number.
    mutating func attribute(_ type: UInt32, _ value: UInt32) {
        attribute(type, Self.bigEndian(value))
    }

    /// Adds an attribute that is a name.
    mutating func attribute(_ type: UInt32, _ name: String) {
        attribute(type, [UInt8](name.utf8) + [0])
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    static func native(_ value: UInt32) -> [UInt8] {
        (0..<4).map { octet($0, of: value) }
    }

    private mutating func bound(_ type: CInt) {
        message(type, flags: 0, family: UInt8(AF_UNSPEC), resource: UInt16(NFNL_SUBSYS_NFTABLES)) { _ in }
    }

    private mutating func message(
        _ type: CInt, flags: CInt, family: UInt8, resource: UInt16, _ attributes: (inout NetfilterBatch) -> Void
    ) {
        let start = octets.count
        // The batch's own beginning has 0, so that requests count from 1.
        let sequenceNumber = start == 0 ? 0 : latest + 1
        append(UInt32(0))
        append(UInt16(truncatingIfNeeded: type))
        append(UInt16(truncatingIfNeeded: NLM_F_REQUEST | flags))
        append(sequenceNumber)
        append(UInt32(0))
        octets += [family, UInt8(NFNETLINK_V0), UInt8(resource >> 8), UInt8(truncatingIfNeeded: resource)]
        attributes(&self)
        store(UInt32(truncatingIfNeeded: octets.count - start), at: start)
        if type >> 8 == CInt(NFNL_SUBSYS_NFTABLES) { latest = sequenceNumber }
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        for octet in 0..<(Value.bitWidth / 8) {
            octets.append(Self.octet(octet, of: value))
        }
    }

    private mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        for octet in 0..<(Value.bitWidth / 8) {
            octets[offset + octet] = Self.octet(octet, of: value)
        }
    }

    /// One octet of a value, in this machine's order.
    private static func octet<Value: FixedWidthInteger>(_ number: Int, of value: Value) -> UInt8 {
        UInt8(truncatingIfNeeded: value.littleEndian >> (8 * number))
    }
}
