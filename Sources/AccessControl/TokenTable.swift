/// The tokens that a service knows.
package struct TokenTable: Sendable {
    package static let maximumTokens = 256
    /// The octets of a token file.
    package static let maximumOctets = 256 << 10
    private static let nameLengths = 1...64

    package let tokens: [AccessToken]

    /// Reads a token file: a name, a role and a token on each line, with blanks between; `#` begins a comment.
    package init(_ octets: [UInt8]) throws(TokenFileError) {
        guard let text = String(validating: octets, as: UTF8.self) else { throw .notText }
        var tokens: [AccessToken] = []
        var lines: [Int] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let number = index + 1
            guard let token = try Self.token(in: line, number: number) else { continue }
            if let other = tokens.firstIndex(where: { $0.name == token.name }) {
                throw .nameTwice(line: number, other: lines[other])
            }
            if let other = tokens.firstIndex(where: { $0.digest == token.digest }) {
                throw .tokenTwice(line: number, other: lines[other])
            }
            guard tokens.count < Self.maximumTokens else { throw .tooMany(line: number) }
            tokens.append(token)
            lines.append(number)
        }
        guard !tokens.isEmpty else { throw .empty }
        self.tokens = tokens
    }

    /// The one that was presented.
    ///
    /// All are looked at, so that the time tells nothing about any.
    package func find(_ presented: String) -> AccessToken? {
        let digest = TokenDigest(presented)
        var found: AccessToken?
        for token in tokens where token.digest.matches(digest) {
            found = token
        }
        return found
    }

    /// Whether a text has the form of a token (RFC 6750, section 2.1).
    package static func isToken(_ text: some StringProtocol) -> Bool {
        let rest = text.utf8.drop { octet in isTokenOctet(octet) }
        return rest.count < text.utf8.count && rest.allSatisfy { $0 == UInt8(ascii: "=") }
    }

    private static func token(in line: Substring, number: Int) throws(TokenFileError) -> AccessToken? {
        let parts = line.split { $0 == " " || $0 == "\t" }
        guard let name = parts.first, !name.hasPrefix("#") else { return nil }
        guard parts.count == 3 else { throw .malformed(line: number) }
        guard nameLengths.contains(name.utf8.count), name.utf8.allSatisfy(isNameOctet) else {
            throw .badName(line: number)
        }
        guard let role = AccessRole(rawValue: String(parts[1])) else {
            throw .badRole(line: number, role: String(parts[1]))
        }
        guard isToken(parts[2]) else { throw .badToken(line: number) }
        guard AccessToken.lengths.contains(parts[2].utf8.count) else {
            throw .badLength(line: number, length: parts[2].utf8.count)
        }
        return AccessToken(name: String(name), role: role, digest: TokenDigest(String(parts[2])))
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isTokenOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: isNameOctet(octet)
        }
    }
}
