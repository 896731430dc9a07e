import TCPWire

/// Prints a datagram as `tcpdump -nvtS` does, on one line.
struct TcpdumpLine {
    let ip: IPv4Header
    let segment: TCPSegment
    let verdict: ChecksumVerdict

    var text: String {
        "IP (\(ipFields)) \(ip.source).\(segment.sourcePort) > \(ip.destination).\(segment.destinationPort): \(tcpFields)"
    }

    private var ipFields: String {
        let typeOfService = ip.dscp << 2 | ip.ecn
        let congestion = ["", ",ECT(1)", ",ECT(0)", ",CE"][Int(ip.ecn)]
        return """
            tos 0x\(String(typeOfService, radix: 16))\(congestion), ttl \(ip.timeToLive), id \(ip.identification), \
            offset \(Int(ip.fragmentOffset) * 8), flags [\(ip.dontFragment ? "DF" : "none")], \
            proto TCP (\(ip.protocolNumber)), length \(ip.totalLength ?? 0)\(ip.options.isEmpty ? "" : ", options (RA)")
            """
    }

    private var tcpFields: String {
        var fields = ["Flags [\(flagLetters)]", "cksum \(hex(verdict.value)) (\(checksumVerdict))"]
        let first = segment.sequenceNumber
        if !segment.payload.isEmpty {
            fields.append("seq \(first.rawValue):\((first + UInt32(segment.payload.count)).rawValue)")
        } else if !segment.flags.isDisjoint(with: [.syn, .fin, .rst]) {
            fields.append("seq \(first.rawValue)")
        }
        if segment.flags.contains(.ack) { fields.append("ack \(segment.acknowledgmentNumber.rawValue)") }
        fields.append("win \(segment.window)")
        if segment.flags.contains(.urg) { fields.append("urg \(segment.urgentPointer)") }
        if !segment.options.isEmpty { fields.append("options [\(options)]") }
        fields.append("length \(segment.payload.count)")
        let isExplained = segment.flags.contains(.rst) && !segment.payload.isEmpty
        return fields.joined(separator: ", ")
            + (isExplained ? " [RST \(String(decoding: segment.payload, as: UTF8.self))]" : "")
    }

    private var flagLetters: String {
        let letters: [(TCPFlags, String)] = [
            (.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P"), (.ack, "."), (.urg, "U"), (.ece, "E"), (.cwr, "W"),
        ]
        return letters.map { flag, letter in segment.flags.contains(flag) ? letter : "" }.joined()
    }

    private var checksumVerdict: String {
        verdict.status == .valid ? "correct" : "incorrect -> \(hex(verdict.expected))"
    }

    /// The options up to the end of the list, where tcpdump stops as well.
    private var options: String {
        var names: [String] = []
        for option in TCPOption.parse(segment.options.span).options {
            switch option {
            case .endOfOptionList:
                return (names + ["eol"]).joined(separator: ",")
            case .noOperation: names.append("nop")
            case .maximumSegmentSize(let size): names.append("mss \(size)")
            case .windowScale(let shift): names.append("wscale \(shift)")
            case .sackPermitted: names.append("sackOK")
            case .sack(let blocks):
                let ranges = blocks.map { "{\($0.leftEdge.rawValue):\($0.rightEdge.rawValue)}" }
                names.append("sack \(blocks.count) \(ranges.joined())")
            case .timestamps(let value, let echoReply): names.append("TS val \(value) ecr \(echoReply)")
            default: names.append("\(option)")
            }
        }
        return names.joined(separator: ",")
    }

    private func hex(_ value: UInt16) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
