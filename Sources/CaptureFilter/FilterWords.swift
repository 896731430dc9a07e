/// Sees to it that a filter expression has numbers and addresses where it could have names.
///
/// libpcap asks the DNS and the files in `/etc` for every word that it does not know, while it compiles. So an
/// expression is cut into the same words as by libpcap's own scanner first, and each must be known here. Whatever
/// could make the two scanners cut differently, such as IPv6 and Ethernet addresses, is refused: an IPv4 datagram has
/// none.
struct FilterWords {
    /// The words of `pcap-filter(7)` that make sense for an IPv4 datagram without a link header.
    static let known: Set<String> = [
        "and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "proto", "greater", "less", "len",
        "length", "broadcast", "multicast",
        "ip", "ip6", "tcp", "udp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp", "sctp", "ah", "esp", "arp",
        "tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece", "tcp-cwr",
        "icmptype", "icmpcode", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench", "icmp-redirect", "icmp-echo",
        "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed", "icmp-paramprob", "icmp-tstamp", "icmp-tstampreply",
        "icmp-ireq", "icmp-ireqreply", "icmp-maskreq", "icmp-maskreply",
    ]

    private static let punctuation = Set("()[]!<>=&|^+-*/%".utf8)

    private let octets: [UInt8]
    private var position = 0
    private var previous = ""
    private var followsColon = false

    private init(_ text: String) {
        octets = [UInt8](text.utf8)
    }

    /// Throws when an expression has a word that libpcap might look up.
    static func check(_ text: String) throws(CaptureFilterError) {
        if let scalar = text.unicodeScalars.first(where: { !$0.isASCII }) { throw .character(scalar) }
        var words = FilterWords(text)
        try words.check()
    }

    private mutating func check() throws(CaptureFilterError) {
        while position < octets.count {
            let octet = octets[position]
            switch octet {
            case _ where Self.isAlphanumeric(octet):
                let word = takeWord()
                try check(word)
                previous = word
                followsColon = false
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                position += 1
            case UInt8(ascii: ":") where !followsColon:
                // Of a slice, as in tcp[0:2]; only a count may follow, so that no IPv6 address comes about.
                followsColon = true
                position += 1
            case _ where Self.punctuation.contains(octet) && !followsColon:
                previous = ""
                position += 1
            default: throw .character(Unicode.Scalar(octet))
            }
        }
    }

    /// The longest word at the position, as libpcap cuts it: it may have '-', '_' and '.' inside, '.' also at its end.
    private mutating func takeWord() -> String {
        var end = position + 1
        var next = end
        while next < octets.count, Self.isAlphanumeric(octets[next]) || Self.joins(octets[next]) {
            next += 1
            if Self.isAlphanumeric(octets[next - 1]) || octets[next - 1] == UInt8(ascii: ".") { end = next }
        }
        defer { position = end }
        return String(decoding: octets[position..<end], as: UTF8.self)
    }

    private func check(_ word: String) throws(CaptureFilterError) {
        let isDecimal = word.utf8.allSatisfy(Self.isDigit)
        if followsColon, !isDecimal { throw .number(word) }
        if Self.known.contains(word) { return }
        if isDecimal || Self.isHexadecimal(word) {
            let number = isDecimal ? UInt32(word) : UInt32(word.dropFirst(2), radix: 16)
            guard number != nil else { throw .number(word) }
            return
        }
        guard word.utf8.allSatisfy({ Self.isDigit($0) || Self.joins($0) }) else { throw .name(word) }
        guard Self.isAddress(word) || (previous == "portrange" && Self.isPortRange(word)) else { throw .number(word) }
    }

    /// The whole or the beginning of an IPv4 address, as in `10.1` for a network.
    private static func isAddress(_ word: String) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return (2...4).contains(parts.count) && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isPortRange(_ word: String) -> Bool {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { UInt16($0) != nil }
    }

    private static func isHexadecimal(_ word: String) -> Bool {
        (word.hasPrefix("0x") || word.hasPrefix("0X")) && word.utf8.count > 2
            && word.dropFirst(2).allSatisfy { $0.isHexDigit }
    }

    private static func isDigit(_ octet: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        isDigit(octet) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
    }

    private static func joins(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_") || octet == UInt8(ascii: ".")
    }
}
