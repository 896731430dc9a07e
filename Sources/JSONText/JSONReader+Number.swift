extension JSONReader {
    /// Reads a number that starts here.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if octets[position] == UInt8(ascii: "-") { position += 1 }
        let integer = position
        try digits()
        guard octets[integer] != UInt8(ascii: "0") || position == integer + 1 else {
            throw error(.invalidNumber, at: integer)
        }
        if position < octets.count, octets[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < octets.count, octets[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < octets.count, octets[position] == UInt8(ascii: "+") || octets[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        guard position - start <= JSONParser.maximumNumberLength else {
            throw error(.numberTooLong(limit: JSONParser.maximumNumberLength), at: start)
        }
        return JSONNumber(trusted: try text(from: start, to: position))
    }

    /// Moves over one digit or more.
    private mutating func digits() throws(JSONError) {
        let start = position
        while position < octets.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octets[position]) {
            position += 1
        }
        guard position > start else {
            throw error(position < octets.count ? .invalidNumber : .unexpectedEnd, at: position)
        }
    }
}
