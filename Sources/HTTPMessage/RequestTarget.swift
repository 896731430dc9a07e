/// A request target in origin-form (RFC 9112, section 3.2.1), taken apart and decoded.
///
/// The target is split before anything is decoded, so that an escaped `/`, `&` or `=` stays part of its name.
package struct RequestTarget: Hashable, Sendable {
    package var path: [String]
    package var query: [QueryItem]

    package init(path: [String], query: [QueryItem]) {
        self.path = path
        self.query = query
    }

    /// Takes a target apart; throws a 400 that says what is wrong with it.
    ///
    /// `*` is a target of `OPTIONS` only and has no path.
    package static func parse(_ target: String, method: String) throws(Problem) -> RequestTarget {
        let octets = [UInt8](target.utf8)
        for octet in octets where octet <= 0x20 || octet >= 0x7F || octet == UInt8(ascii: "#") {
            let digits = String(octet, radix: 16, uppercase: true)
            throw malformed("octet 0x\(octet < 16 ? "0" : "")\(digits) must be percent-encoded")
        }
        if octets == [UInt8(ascii: "*")], method == "OPTIONS" { return RequestTarget(path: [], query: []) }
        guard octets.first == UInt8(ascii: "/") else {
            throw malformed(target == "*" ? "\"*\" is for OPTIONS only" : "it must begin with \"/\"")
        }
        let parts = octets.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var result = RequestTarget(path: [], query: [])
        if parts[0].count > 1 {
            for segment in parts[0].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
                result.path.append(try decode(segment))
            }
        }
        guard parts.count == 2 else { return result }
        for item in parts[1].split(separator: UInt8(ascii: "&")) {
            let pair = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            result.query.append(
                QueryItem(name: try decode(pair[0]), value: pair.count == 2 ? try decode(pair[1]) : ""))
        }
        return result
    }

    /// Decodes `%XX`; `+` stays a plus sign.
    private static func decode(_ octets: ArraySlice<UInt8>) throws(Problem) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var rest = octets
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                decoded.append(octet)
                continue
            }
            guard
                let high = rest.popFirst().flatMap(hexadecimalDigit),
                let low = rest.popFirst().flatMap(hexadecimalDigit)
            else { throw malformed("\"%\" must be followed by two hexadecimal digits") }
            let value = high << 4 | low
            guard value >= 0x20, value != 0x7F else { throw malformed("it holds an escaped control character") }
            decoded.append(value)
        }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw malformed("it is not UTF-8") }
        return text
    }

    private static func hexadecimalDigit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func malformed(_ what: String) -> Problem {
        Problem(.malformedRequest, detail: "The request target is malformed: \(what).")
    }
}
