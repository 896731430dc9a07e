import CLinuxShims
import Glibc

extension NetfilterBatch {
    /// The expressions of a rule that drops the TCP resets whose source address and port are in a set, but for those
    /// that carry our own sockets' mark.
    mutating func dropUnmarkedResets(from set: String) {
        // Registers of four octets each; two that follow each other hold a key of the set.
        let first = NFT_REG32_00.rawValue
        let second = NFT_REG32_01.rawValue
        let sourceAddressOffset: UInt32 = 12
        let flagsOffset: UInt32 = 13
        let reset: UInt8 = 0x04

        loadMeta(NFT_META_MARK.rawValue, into: first)
        compare(first, NFT_CMP_NEQ, Self.native(RawTCPSocket.mark))
        loadMeta(NFT_META_L4PROTO.rawValue, into: first)
        compare(first, NFT_CMP_EQ, [UInt8(IPPROTO_TCP)])
        load(NFT_PAYLOAD_TRANSPORT_HEADER, at: flagsOffset, length: 1, into: first)
        mask(first, [reset])
        compare(first, NFT_CMP_NEQ, [0])
        load(NFT_PAYLOAD_NETWORK_HEADER, at: sourceAddressOffset, length: 4, into: first)
        load(NFT_PAYLOAD_TRANSPORT_HEADER, at: 0, length: 2, into: second)
        expression("lookup") { lookup in
            lookup.attribute(NFTA_LOOKUP_SET.rawValue, set)
            lookup.attribute(NFTA_LOOKUP_SET_ID.rawValue, 1 as UInt32)
            lookup.attribute(NFTA_LOOKUP_SREG.rawValue, first)
        }
        expression("immediate") { verdict in
            verdict.attribute(NFTA_IMMEDIATE_DREG.rawValue, NFT_REG_VERDICT.rawValue)
            verdict.nest(NFTA_IMMEDIATE_DATA.rawValue) { data in
                // The code 0 is `NF_DROP`.
                data.nest(NFTA_DATA_VERDICT.rawValue) { $0.attribute(NFTA_VERDICT_CODE.rawValue, 0 as UInt32) }
            }
        }
    }

    private mutating func expression(_ name: String, _ attributes: (inout NetfilterBatch) -> Void) {
        nest(NFTA_LIST_ELEM.rawValue) { element in
            element.attribute(NFTA_EXPR_NAME.rawValue, name)
            element.nest(NFTA_EXPR_DATA.rawValue, attributes)
        }
    }

    private mutating func loadMeta(_ key: UInt32, into register: UInt32) {
        expression("meta") { meta in
            meta.attribute(NFTA_META_DREG.rawValue, register)
            meta.attribute(NFTA_META_KEY.rawValue, key)
        }
    }

    private mutating func load(_ base: nft_payload_bases, at offset: UInt32, length: UInt32, into register: UInt32) {
        expression("payload") { payload in
            payload.attribute(NFTA_PAYLOAD_DREG.rawValue, register)
            payload.attribute(NFTA_PAYLOAD_BASE.rawValue, base.rawValue)
            payload.attribute(NFTA_PAYLOAD_OFFSET.rawValue, offset)
            payload.attribute(NFTA_PAYLOAD_LEN.rawValue, length)
        }
    }

    private mutating func mask(_ register: UInt32, _ octets: [UInt8]) {
        expression("bitwise") { bitwise in
            bitwise.attribute(NFTA_BITWISE_SREG.rawValue, register)
            bitwise.attribute(NFTA_BITWISE_DREG.rawValue, register)
            bitwise.attribute(NFTA_BITWISE_LEN.rawValue, UInt32(octets.count))
            bitwise.nest(NFTA_BITWISE_MASK.rawValue) { $0.attribute(NFTA_DATA_VALUE.rawValue, octets) }
            bitwise.nest(NFTA_BITWISE_XOR.rawValue) {
                $0.attribute(NFTA_DATA_VALUE.rawValue, [UInt8](repeating: 0, count: octets.count))
            }
        }
    }

    private mutating func compare(_ register: UInt32, _ operation: nft_cmp_ops, _ octets: [UInt8]) {
        expression("cmp") { comparison in
            comparison.attribute(NFTA_CMP_SREG.rawValue, register)
            comparison.attribute(NFTA_CMP_OP.rawValue, operation.rawValue)
            comparison.nest(NFTA_CMP_DATA.rawValue) { $0.attribute(NFTA_DATA_VALUE.rawValue, octets) }
        }
    }
}
