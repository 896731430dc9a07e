import CaptureFile
import HTTPMessage
import JSONText
import SegmentEngine
import TCPWire

/// Reads a capture file as segments to send.
enum ReplayReader {
    static let mediaTypes: Set<String> = [
        "application/vnd.tcpdump.pcap", "application/x-pcapng", "application/pcapng", "application/x-pcap",
    ]
    private static let shownConnections = 4

    /// Whether a request's body says that it is a capture file; which of the formats, the file itself tells.
    static func isCapture(_ request: HTTPRequest) -> Bool {
        RequestBody.mediaType(of: request).map(mediaTypes.contains) ?? false
    }

    /// A plan of the segments that are asked for, with their timing, as an endpoint sends them.
    static func plan(
        of file: [UInt8], for endpoint: EndpointDefinition, _ options: ReplayOptions, reporting violations: Violations
    ) -> TransmissionPlan {
        let captured: CapturedSegments
        do throws(CaptureFileError) {
            captured = try CapturedSegments(in: file, passing: options.filter)
        } catch {
            violations.add("\(error)", at: .root)
            return TransmissionPlan(steps: [])
        }
        var summary = captured.summary
        let chosen = captured.segments.filter { segment in
            let isChosen = options.side.isSide(of: segment, in: captured)
            if !isChosen { summary.skip(.otherSide) }
            return isChosen
        }
        summary.segments = chosen.count
        guard check(chosen, for: endpoint, options, summary, reporting: violations) else {
            return TransmissionPlan(steps: [])
        }
        let played = playedSide(of: chosen, in: captured, options.side)
        summary.played = played
        summary.peer = played == nil ? nil : chosen.first.map { $0.source == played ? $0.destination : $0.source }

        var schedule = ReplaySchedule(speed: options.speed)
        var steps: [TransmissionPlan.Step] = []
        for segment in chosen {
            guard var template = SegmentTemplate(copying: file.span.extracting(segment.octets)) else { continue }
            if options.isRewritten {
                template.map(toSendFrom: endpoint, asPeer: segment.source != played)
            }
            if template.ip.identification == 0, !template.ip.dontFragment {
                template.ip.identification = nil
                summary.renumbered += 1
            }
            var step = TransmissionPlan.Step(template)
            step.offsetNanoseconds = schedule.offset(at: segment.timestampNanoseconds)
            steps.append(step)
        }
        var plan = TransmissionPlan(steps: steps)
        plan.replay = summary
        return plan
    }

    /// Reports what keeps segments from being sent; whether there is nothing.
    private static func check(
        _ chosen: [CapturedSegments.Segment], for endpoint: EndpointDefinition, _ options: ReplayOptions,
        _ summary: ReplaySummary, reporting violations: Violations
    ) -> Bool {
        guard !chosen.isEmpty else {
            let reasons = ReplaySummary.Reason.allCases.compactMap { reason in
                summary.skipped[reason].map { "\(reason.rawValue) \($0)" }
            }
            violations.add(
                "has no segment to send: of \(summary.packets) packets, skipped \(reasons.joined(separator: ", "))",
                at: .root)
            return false
        }
        guard chosen.count <= PlanReader.maximumSteps else {
            violations.add(
                "has \(chosen.count) segments to send, may have \(PlanReader.maximumSteps); choose by filter=",
                at: .root)
            return false
        }
        guard options.isRewritten else {
            if chosen.contains(where: { $0.source.address == .any }) {
                violations.add("has segments from 0.0.0.0, which the kernel would replace", at: .root)
            }
            return violations.isEmpty
        }
        var connections: [CapturedSegments.Connection] = []
        for segment in chosen where connections.count <= shownConnections {
            if !connections.contains(segment.connection) { connections.append(segment.connection) }
        }
        guard connections.count == 1 else {
            let shown = connections.prefix(shownConnections).map(\.description).joined(separator: "; ")
            violations.add(
                "has segments of several connections, which would become one: \(shown)"
                    + "\(connections.count > shownConnections ? "; …" : ""). "
                    + "Choose one by filter=, or send them as captured by rewrite=none",
                at: .root)
            return false
        }
        guard endpoint.remote != nil else {
            violations.add(
                "the endpoint has no remote that the other side could become; send as captured by rewrite=none",
                at: .root)
            return false
        }
        return true
    }

    /// Who is played, where all chosen segments are of one connection.
    private static func playedSide(
        of chosen: [CapturedSegments.Segment], in captured: CapturedSegments, _ side: ReplayOptions.Side
    ) -> TransportAddress? {
        guard let first = chosen.first, chosen.allSatisfy({ $0.connection == first.connection }) else { return nil }
        return side == .both ? captured.clients[first.connection] : first.source
    }
}

extension ReplayOptions.Side {
    /// Whether a segment is one of this side's.
    fileprivate func isSide(of segment: CapturedSegments.Segment, in captured: CapturedSegments) -> Bool {
        switch self {
        case .client: captured.clients[segment.connection] == segment.source
        case .server: captured.clients[segment.connection] != segment.source
        case .both: true
        case .sender(let address, let port):
            segment.source.address == address && (port == nil || port == segment.source.port)
        }
    }
}

extension SegmentTemplate {
    /// The segment that a datagram carries, as it is; its checksums will be worked out.
    fileprivate init?(copying octets: Span<UInt8>) {
        guard let datagram = try? TCPDatagram(copying: octets) else { return nil }
        self.init()
        let (header, segment) = (datagram.ip, datagram.segment)
        sourcePort = segment.sourcePort
        destinationPort = segment.destinationPort
        sequenceNumber = .value(segment.sequenceNumber.rawValue)
        acknowledgmentNumber = .value(segment.acknowledgmentNumber.rawValue)
        dataOffset = segment.dataOffset
        reservedBits = segment.reservedBits
        flags = segment.flags
        window = segment.window
        urgentPointer = segment.urgentPointer
        options = segment.options
        payload = segment.payload
        truncatedLength = segment.truncatedLength
        ip.source = header.source
        ip.destination = header.destination
        ip.timeToLive = header.timeToLive
        ip.dscp = header.dscp
        ip.ecn = header.ecn
        ip.identification = header.identification
        ip.reservedFlag = header.reservedFlag
        ip.dontFragment = header.dontFragment
        ip.options = header.options
    }

    /// Makes the addresses and ports an endpoint's own and its remote's, in this order or as its peer has them.
    fileprivate mutating func map(toSendFrom endpoint: EndpointDefinition, asPeer: Bool) {
        let (source, destination) = asPeer ? (endpoint.remote, endpoint.local) : (endpoint.local, endpoint.remote)
        ip.source = source?.address
        sourcePort = source?.port
        ip.destination = destination?.address
        destinationPort = destination?.port
    }
}
