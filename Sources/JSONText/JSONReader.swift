/// A position in a JSON text, which moves over one value after the other.
struct JSONReader: ~Escapable {
    let octets: Span<UInt8>
    var position = 0
    private let maximumDepth: Int

    @_lifetime(copy octets)
    init(_ octets: Span<UInt8>, maximumDepth: Int) {
        self.octets = octets
        self.maximumDepth = maximumDepth
    }

    /// Reads the whole text.
    mutating func text() throws(JSONError) -> JSONValue {
        if octets.count >= 3, octets[0] == 0xEF, octets[1] == 0xBB, octets[2] == 0xBF {
            throw error(.byteOrderMark, at: 0)
        }
        skipWhitespace()
        guard position < octets.count else { throw error(.empty, at: position) }
        let value = try value(depth: 0)
        skipWhitespace()
        guard position == octets.count else { throw error(.trailingData, at: position) }
        return value
    }

    /// Reads a value that starts here; `depth` arrays and objects are open.
    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard position < octets.count else { throw error(.unexpectedEnd, at: position) }
        let octet = octets[position]
        switch octet {
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "{"):
            return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try array(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            throw error(.unexpectedOctet(octet), at: position)
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= maximumDepth else { throw error(.tooDeep(limit: maximumDepth), at: position) }
        position += 1
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return [] }
        var elements: [JSONValue] = []
        while true {
            do {
                elements.append(try value(depth: depth))
            } catch {
                throw error.within(String(elements.count))
            }
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return elements }
            try expect(UInt8(ascii: ","))
            skipWhitespace()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= maximumDepth else { throw error(.tooDeep(limit: maximumDepth), at: position) }
        position += 1
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        var members = JSONMembers()
        while true {
            let start = position
            guard start < octets.count else { throw error(.unexpectedEnd, at: start) }
            guard octets[start] == UInt8(ascii: "\"") else { throw error(.unexpectedOctet(octets[start]), at: start) }
            let key = try string()
            skipWhitespace()
            try expect(UInt8(ascii: ":"))
            skipWhitespace()
            guard members.reserve(key) else { throw error(.duplicateKey(JSONPointer([key])), at: start) }
            do {
                members.append(key, try value(depth: depth))
            } catch {
                throw error.within(key)
            }
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return members.object }
            try expect(UInt8(ascii: ","))
            skipWhitespace()
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            try expect(unsafe word.utf8Start[index])
        }
    }

    private mutating func skipWhitespace() {
        while position < octets.count {
            switch octets[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private mutating func take(_ octet: UInt8) -> Bool {
        guard position < octets.count, octets[position] == octet else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ octet: UInt8) throws(JSONError) {
        guard position < octets.count else { throw error(.unexpectedEnd, at: position) }
        guard octets[position] == octet else { throw error(.unexpectedOctet(octets[position]), at: position) }
        position += 1
    }

    func error(_ reason: JSONError.Reason, at offset: Int) -> JSONError {
        JSONError(reason, at: offset, in: octets)
    }
}
