import HTTPMessage

/// What a client calls a request that it may have to send again (draft-ietf-httpapi-idempotency-key-header).
struct IdempotencyKey: Hashable, Sendable {
    static let field = "Idempotency-Key"
    /// The characters a key may have.
    static let maximumLength = 255

    let text: String

    /// The key of a request, if it has one.
    ///
    /// It is written as a string of a structured field, in quotation marks (RFC 8941 §3.3.3), or without these; both
    /// mean the same. Throws a 422 when it is neither.
    static func of(_ request: HTTPRequest) throws(Problem) -> IdempotencyKey? {
        guard let value = request.headers[field] else { return nil }
        guard request.headers.count(of: field) == 1 else { throw invalid("is there more than once") }
        let octets = [UInt8](value.utf8)
        let isQuoted = octets.first == UInt8(ascii: "\"")
        guard let characters = isQuoted ? unquoted(octets[...]) : octets else {
            throw invalid("is not one string in quotation marks")
        }
        guard (1...maximumLength).contains(characters.count) else {
            throw invalid("has \(characters.count) characters, not 1…\(maximumLength)")
        }
        let isVisible = characters.allSatisfy { (0x21...0x7E).contains($0) }
        guard isVisible, isQuoted || !characters.contains(where: { $0 == UInt8(ascii: "\"") }) else {
            throw invalid("holds other than visible ASCII characters; quotation marks go around all of it")
        }
        return IdempotencyKey(text: String(decoding: characters, as: UTF8.self))
    }

    /// What is between quotation marks, where `\` stands before others of both; `nil` when these are not around all.
    private static func unquoted(_ octets: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = octets.dropFirst()
        var characters: [UInt8] = []
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "\""):
                return rest.isEmpty ? characters : nil
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), [UInt8(ascii: "\""), UInt8(ascii: "\\")].contains(escaped) else {
                    return nil
                }
                characters.append(escaped)
            default:
                characters.append(octet)
            }
        }
        return nil
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(
            .invalidField, detail: "the header \(field) \(detail)", violations: [.init(header: field, detail: detail)])
    }
}
