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
        let octets = target.utf8.span
        for index in octets.indices {
            let octet = octets[index]
            guard octet <= 0x20 || octet >= 0x7F || octet == UInt8(ascii: "#") else { continue }
            let digits = String(octet, radix: 16, uppercase: true)
            throw malformed("octet 0x\(octet < 16 ? "0" : "")\(digits) must be percent-encoded")
        }
        if target == "*", method == "OPTIONS" { return RequestTarget(path: [], query: []) }
        guard !octets.isEmpty, octets[0] == UInt8(ascii: "/") else {
            throw malformed(target == "*" ? "\"*\" is for OPTIONS only" : "it must begin with \"/\"")
        }
        let mark = place(of: UInt8(ascii: "?"), in: octets) ?? octets.count
        var result = RequestTarget(path: [], query: [])
        if mark > 1 {
            result.path.reserveCapacity(4)
            var rest = octets.extracting(1..<mark)
            while let slash = place(of: UInt8(ascii: "/"), in: rest) {
                result.path.append(try decode(rest.extracting(..<slash)))
                rest = rest.extracting((slash + 1)...)
            }
            result.path.append(try decode(rest))
        }
        var rest = octets.extracting(min(mark + 1, octets.count)...)
        while !rest.isEmpty {
            let end = place(of: UInt8(ascii: "&"), in: rest) ?? rest.count
            if end > 0 { result.query.append(try item(rest.extracting(..<end))) }
            rest = rest.extracting(min(end + 1, rest.count)...)
        }
        return result
    }

    private static func item(_ octets: Span<UInt8>) throws(Problem) -> QueryItem {
        guard let equals = place(of: UInt8(ascii: "="), in: octets) else {
            return QueryItem(name: try decode(octets), value: "")
        }
        let value = octets.extracting((equals + 1)...)
        return QueryItem(
            name: try decode(octets.extracting(..<equals)), value: try decode(value),
            formValue: place(of: UInt8(ascii: "+"), in: value) == nil ? nil : try decode(withBlanks(value).span))
    }

    private static func withBlanks(_ octets: Span<UInt8>) -> [UInt8] {
        octets.indices.map { octets[$0] == UInt8(ascii: "+") ? UInt8(ascii: " ") : octets[$0] }
    }

    private static func place(of octet: UInt8, in octets: Span<UInt8>) -> Int? {
        for index in octets.indices where octets[index] == octet { return index }
        return nil
    }

    /// Decodes `%XX`; `+` stays a plus sign.
    private static func decode(_ octets: Span<UInt8>) throws(Problem) -> String {
        if place(of: UInt8(ascii: "%"), in: octets) == nil, let text = try? UTF8Span(validating: octets) {
            return String(copying: text)
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var index = 0
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "%") else {
                decoded.append(octets[index])
                index += 1
                continue
            }
            guard index + 2 < octets.count, let high = hexadecimalDigit(octets[index + 1]),
                let low = hexadecimalDigit(octets[index + 2])
            else { throw malformed("\"%\" must be followed by two hexadecimal digits") }
            let value = high << 4 | low
            guard value >= 0x20, value != 0x7F else { throw malformed("it holds an escaped control character") }
            decoded.append(value)
            index += 3
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
