/// Why octets are not a JSON text, and where.
package struct JSONError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        case empty
        case byteOrderMark
        case notUTF8
        case unexpectedEnd
        case unexpectedOctet(UInt8)
        case controlCharacter(UInt8)
        case invalidEscape
        case loneSurrogate
        case invalidNumber
        case numberTooLong(limit: Int)
        case duplicateKey(JSONPointer)
        case tooDeep(limit: Int)
        case trailingData
    }

    package var reason: Reason
    /// How many octets come before the place.
    package var offset: Int
    /// The line of the place, from 1.
    package var line: Int
    /// The character within the line, from 1.
    package var column: Int

    init(_ reason: Reason, at offset: Int, in octets: Span<UInt8>) {
        self.reason = reason
        self.offset = offset
        line = 1
        column = 1
        for index in 0..<min(offset, octets.count) {
            switch octets[index] {
            case UInt8(ascii: "\n"):
                line += 1
                column = 1
            case 0x80..<0xC0:
                // A continuation octet belongs to the character before it.
                break
            default:
                column += 1
            }
        }
    }

    /// Where a duplicate key is; nothing for other reasons.
    package var pointer: JSONPointer? {
        guard case .duplicateKey(let pointer) = reason else { return nil }
        return pointer
    }

    /// The same error, seen from the value that holds the failed one under `token`.
    func within(_ token: @autoclosure () -> String) -> JSONError {
        guard case .duplicateKey(let pointer) = reason else { return self }
        var error = self
        error.reason = .duplicateKey(pointer.prepending(token()))
        return error
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "there is no JSON value"
        case .byteOrderMark: "a byte order mark is not allowed"
        case .notUTF8: "the text is not UTF-8"
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedOctet(let octet): "unexpected \(Self.name(of: octet))"
        case .controlCharacter(let octet): "\(Self.name(of: octet)) in a string must be escaped"
        case .invalidEscape: "invalid escape in a string"
        case .loneSurrogate: "half of a surrogate pair"
        case .invalidNumber: "invalid number"
        case .numberTooLong(let limit): "a number has more than \(limit) octets"
        case .duplicateKey(let pointer): "duplicate key \"\(pointer.tokens.last.map { String($0.prefix(64)) } ?? "")\""
        case .tooDeep(let limit): "nested more than \(limit) deep"
        case .trailingData: "unexpected data after the value"
        }
    }

    private static func name(of octet: UInt8) -> String {
        switch octet {
        case 0x21...0x7E:
            return "\"\(Character(Unicode.Scalar(octet)))\""
        default:
            let digits = String(octet, radix: 16, uppercase: true)
            return "octet 0x\(octet < 16 ? "0" : "")\(digits)"
        }
    }
}
