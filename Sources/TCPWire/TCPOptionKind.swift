extension TCPOption {
    /// The numbers of the option kinds we know (IANA, TCP Option Kind Numbers).
    package enum Kind {
        /// End of option list (RFC 9293 §3.2).
        package static let endOfOptionList: UInt8 = 0
        /// No-operation (RFC 9293 §3.2).
        package static let noOperation: UInt8 = 1
        /// Maximum segment size (RFC 9293 §3.7.1).
        package static let maximumSegmentSize: UInt8 = 2
        /// Window scale (RFC 7323 §2.2).
        package static let windowScale: UInt8 = 3
        /// Selective acknowledgment permitted (RFC 2018 §2).
        package static let sackPermitted: UInt8 = 4
        /// Selective acknowledgment (RFC 2018 §3).
        package static let sack: UInt8 = 5
        /// Timestamps (RFC 7323 §3.2).
        package static let timestamps: UInt8 = 8
        /// MD5 signature (RFC 2385 §3).
        package static let md5Signature: UInt8 = 19
        /// Authentication (RFC 5925 §2.2).
        package static let authentication: UInt8 = 29
        /// Multipath TCP (RFC 8684 §3).
        package static let multipath: UInt8 = 30
        /// Fast Open cookie (RFC 7413 §4.1.1).
        package static let fastOpenCookie: UInt8 = 34

        /// Whether an option of this kind can have this length, in octets with kind and length.
        ///
        /// Kinds we do not know can have any from 2.
        static func canHave(length: UInt8, kind: UInt8) -> Bool {
            switch kind {
            case maximumSegmentSize: length == 4
            case windowScale: length == 3
            case sackPermitted: length == 2
            case sack: length >= 10 && length % 8 == 2
            case timestamps: length == 10
            case md5Signature: length == 18
            case authentication: length >= 4
            case multipath: length >= 3
            case fastOpenCookie: length == 2 || (6...18).contains(length) && length % 2 == 0
            default: length >= 2
            }
        }
    }

    /// The option kind as on the wire.
    package var kind: UInt8 {
        switch self {
        case .endOfOptionList: Kind.endOfOptionList
        case .noOperation: Kind.noOperation
        case .maximumSegmentSize: Kind.maximumSegmentSize
        case .windowScale: Kind.windowScale
        case .sackPermitted: Kind.sackPermitted
        case .sack: Kind.sack
        case .timestamps: Kind.timestamps
        case .fastOpenCookie: Kind.fastOpenCookie
        case .md5Signature: Kind.md5Signature
        case .authentication: Kind.authentication
        case .multipath: Kind.multipath
        case .raw(let kind, _, _): kind
        }
    }

    /// The name of the option kind, which is the name of the case; `nil` for a raw option.
    package var kindName: String? {
        switch self {
        case .endOfOptionList: "endOfOptionList"
        case .noOperation: "noOperation"
        case .maximumSegmentSize: "maximumSegmentSize"
        case .windowScale: "windowScale"
        case .sackPermitted: "sackPermitted"
        case .sack: "sack"
        case .timestamps: "timestamps"
        case .fastOpenCookie: "fastOpenCookie"
        case .md5Signature: "md5Signature"
        case .authentication: "authentication"
        case .multipath: "multipath"
        case .raw: nil
        }
    }
}
