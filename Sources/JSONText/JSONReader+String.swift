extension JSONReader {
    /// Reads a string that starts here with its quotation mark.
    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        try skipPlain()
        guard octets[position] == UInt8(ascii: "\\") else {
            defer { position += 1 }
            return try text(from: start, to: position)
        }
        var decoded = try text(from: start, to: position)
        while octets[position] == UInt8(ascii: "\\") {
            decoded.unicodeScalars.append(try escape())
            let plain = position
            try skipPlain()
            if position > plain { decoded += try text(from: plain, to: position) }
        }
        position += 1
        return decoded
    }

    /// The octets between two offsets as a string.
    func text(from start: Int, to end: Int) throws(JSONError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: octets.extracting(start..<end)))
        } catch {
            throw self.error(.notUTF8, at: start + error.byteOffsets.lowerBound)
        }
    }

    /// Moves to the next quotation mark or backslash.
    private mutating func skipPlain() throws(JSONError) {
        while position < octets.count {
            let octet = octets[position]
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { return }
            guard octet >= 0x20 else { throw error(.controlCharacter(octet), at: position) }
            position += 1
        }
        throw error(.unexpectedEnd, at: position)
    }

    /// Reads an escape that starts here with its backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        guard position + 1 < octets.count else { throw error(.unexpectedEnd, at: octets.count) }
        let letter = octets[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error(.invalidEscape, at: start)
        }
        let first = try codeUnit(of: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard
            UTF16.isLeadSurrogate(first), position + 1 < octets.count,
            octets[position] == UInt8(ascii: "\\"), octets[position + 1] == UInt8(ascii: "u")
        else { throw error(.loneSurrogate, at: start) }
        position += 2
        let second = try codeUnit(of: position - 2)
        guard UTF16.isTrailSurrogate(second) else { throw error(.loneSurrogate, at: start) }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    /// Reads the four digits of the escape that starts at `escape`.
    private mutating func codeUnit(of escape: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < octets.count else { throw error(.unexpectedEnd, at: position) }
            guard let digit = Character(Unicode.Scalar(octets[position])).hexDigitValue else {
                throw error(.invalidEscape, at: escape)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
