import CaptureFilter
import SegmentEngine
import TCPWire

/// How the segments of a capture file are to be sent, as a query says it.
struct ReplayOptions {
    /// Whose segments are sent.
    enum Side: Hashable {
        /// Who opened the connection; where that was not captured, who sent first.
        case client
        case server
        case both
        /// This one; a port of `nil` stands for all.
        case sender(IPv4Address, port: UInt16?)
    }

    private enum Rewriting: String, CaseIterable {
        case addresses, none
    }

    private static let fastest = 1_000_000.0

    var side = Side.client
    /// How many times as fast as captured; `nil`: without any pause.
    var speed: Double? = 1
    /// Whether addresses and ports become the endpoint's.
    var isRewritten = true
    var filter: CaptureFilter?

    init(_ query: QueryReader) {
        if let text = query.string("from") {
            if let side = Self.side(text) {
                self.side = side
            } else {
                query.violations.add(
                    "\"\(text.prefix(40))\" is none of client, server, both, an address, an address:port",
                    parameter: "from")
            }
        }
        if let text = query.string("speed") {
            if let factor = Self.factor(text) {
                speed = factor == 0 ? nil : factor
            } else {
                query.violations.add(
                    "\"\(text.prefix(40))\" is not a factor such as 2 or 0.5, up to \(Int(Self.fastest)); "
                        + "0 or max means without pauses",
                    parameter: "speed")
            }
        }
        isRewritten = query.choice("rewrite", Rewriting.self) != Rewriting.none
        filter = query.captureFilter("filter")
    }

    private static func side(_ text: String) -> Side? {
        switch text {
        case "client": return .client
        case "server": return .server
        case "both": return .both
        default:
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = IPv4Address(parts[0]) else { return nil }
            guard parts.count == 2 else { return .sender(address, port: nil) }
            return UInt16(parts[1]).map { .sender(address, port: $0) }
        }
    }

    private static func factor(_ text: String) -> Double? {
        if text == "max" { return 0 }
        guard text.utf8.count <= 20, text.first?.isNumber == true, text.last?.isNumber == true,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let factor = Double(text), factor <= fastest
        else { return nil }
        return factor
    }
}
