package import TCPWire

/// A segment to send, as a user describes it; what is `nil` is worked out at sending.
package struct SegmentTemplate: Hashable, Sendable {
    /// The window of an ordinary host.
    package static let defaultWindow: UInt16 = 64_240

    /// `nil`: the endpoint's own port.
    package var sourcePort: UInt16?
    /// `nil`: the port of the endpoint's remote, or of the segment that is answered.
    package var destinationPort: UInt16?
    package var sequenceNumber = NumberSource.value(0)
    package var acknowledgmentNumber = NumberSource.value(0)
    /// In 32-bit words, right or not; `nil`: the right one.
    package var dataOffset: UInt8?
    package var reservedBits: UInt8 = 0
    package var flags: TCPFlags = []
    package var window = SegmentTemplate.defaultWindow
    package var checksum = ChecksumChoice.correct
    package var urgentPointer: UInt16 = 0
    /// Encoded: at most 40 octets; where they are no multiple of 4, the payload begins within their last word.
    package var options: [UInt8] = []
    /// Signs the segment when all else is known; its place in the options holds anything until then.
    package var signatureKey: SignatureKey?
    package var payload: [UInt8] = []
    /// How many octets of the segment leave, counted from the first of its header; `nil`: all.
    package var truncatedLength: Int?
    package var ip = InternetHeader()

    /// The fields of the IPv4 header that are a user's to set (RFC 791 §3.1).
    package struct InternetHeader: Hashable, Sendable {
        /// `nil`: the endpoint's own address.
        package var source: IPv4Address?
        /// `nil`: the address of the endpoint's remote, or of the segment that is answered.
        package var destination: IPv4Address?
        package var timeToLive: UInt8 = 64
        package var dscp: UInt8 = 0
        package var ecn: UInt8 = 0
        /// `nil`: 0 where fragmenting is forbidden (RFC 6864 §4.1), else one of ours.
        package var identification: UInt16?
        /// The flag that must be zero (RFC 791 §3.1).
        package var reservedFlag = false
        package var dontFragment = true
        package var moreFragments = false
        /// In units of 8 octets.
        package var fragmentOffset: UInt16 = 0
        /// Encoded, with their padding: at most 40 octets, a multiple of 4.
        package var options: [UInt8] = []

        package init() {}
    }

    package init() {}

    /// Whether a number comes from the segment that is answered.
    package var needsReceivedSegment: Bool {
        if case .received = sequenceNumber { return true }
        if case .received = acknowledgmentNumber { return true }
        return false
    }

    /// The same with numbers in the place of references to earlier steps.
    func resolved(_ number: (StepNumber) -> UInt32) -> SegmentTemplate {
        var resolved = self
        if case .step(let reference) = sequenceNumber { resolved.sequenceNumber = .value(number(reference)) }
        if case .step(let reference) = acknowledgmentNumber {
            resolved.acknowledgmentNumber = .value(number(reference))
        }
        return resolved
    }

    /// Whether the engine numbers the datagrams, because the kernel would where fragmenting is allowed.
    var identificationIsOurs: Bool {
        ip.identification == nil && !ip.dontFragment
    }

    /// The datagram that this is on an occasion, the identification apart.
    func datagram(for occasion: PreparedSegment.Occasion) -> TCPDatagram {
        var header = IPv4Header(
            source: ip.source ?? occasion.source.address, destination: ip.destination ?? occasion.destination.address)
        header.timeToLive = ip.timeToLive
        header.dscp = ip.dscp
        header.ecn = ip.ecn
        header.identification = ip.identification ?? 0
        header.reservedFlag = ip.reservedFlag
        header.dontFragment = ip.dontFragment
        header.moreFragments = ip.moreFragments
        header.fragmentOffset = ip.fragmentOffset
        header.options = ip.options

        var segment = TCPSegment(
            sourcePort: sourcePort ?? occasion.source.port,
            destinationPort: destinationPort ?? occasion.destination.port,
            sequenceNumber: SequenceNumber(rawValue: sequenceNumber.resolved(occasion.received)))
        segment.acknowledgmentNumber = SequenceNumber(rawValue: acknowledgmentNumber.resolved(occasion.received))
        segment.dataOffset = dataOffset
        segment.reservedBits = reservedBits
        segment.flags = flags
        segment.window = window
        segment.checksum = checksum
        segment.urgentPointer = urgentPointer
        // What does not fill a word goes before the payload: the same octets, of which the header claims the word.
        let whole = options.count / 4 * 4
        segment.options = Array(options[..<whole])
        segment.payload = options[whole...] + payload
        if whole < options.count, dataOffset == nil {
            segment.dataOffset = UInt8(5 + options.count / 4 + 1)
        }
        segment.truncatedLength = truncatedLength
        return TCPDatagram(ip: header, segment: segment)
    }
}

extension NumberSource {
    func resolved(_ received: PreparedSegment.ReceivedNumbers) -> UInt32 {
        switch self {
        case .value(let value): value
        case .step(let reference): reference.plus
        case .received(.sequenceNumber, let plus): received.sequenceNumber &+ plus
        case .received(.acknowledgmentNumber, let plus): received.acknowledgmentNumber &+ plus
        case .received(.end, let plus): received.end &+ plus
        }
    }
}
