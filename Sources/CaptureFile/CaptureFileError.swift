/// Why octets are no capture file that can be read.
package enum CaptureFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It begins with no magic number that is known.
    case unknownFormat
    /// A pcap file of a version other than 2.4, or a pcapng section other than 1.x.
    case unknownVersion(major: UInt16, minor: UInt16, offset: Int)
    /// The file ends inside what begins at this octet.
    case truncated(what: String, offset: Int)
    /// A length that cannot be, in what begins at this octet.
    case badLength(what: String, length: UInt32, offset: Int)
    /// A packet of an interface that was not described before.
    case unknownInterface(UInt32, offset: Int)
    case tooManyInterfaces(limit: Int)
    case tooManyRecords(limit: Int)
    /// Link-layer headers that are not known here, by LINKTYPE number.
    case unknownLinkType(UInt16)

    package var description: String {
        switch self {
        case .unknownFormat: "is neither a pcap nor a pcapng file"
        case .unknownVersion(let major, let minor, let offset):
            "octet \(offset): version \(major).\(minor) of the format is not known"
        case .truncated(let what, let offset): "octet \(offset): the file ends inside \(what)"
        case .badLength(let what, let length, let offset): "octet \(offset): \(what) cannot have a length of \(length)"
        case .unknownInterface(let number, let offset):
            "octet \(offset): a packet of interface \(number), which is not described before"
        case .tooManyInterfaces(let limit): "has more than \(limit) interfaces in a section"
        case .tooManyRecords(let limit): "has more than \(limit) packets"
        case .unknownLinkType(let number):
            "has link type \(number); known are Ethernet, raw IP, IPv4, Linux cooked and loopback"
        }
    }
}
