import CNettle

/// The SHA-256 of a token, which is kept in its stead and says nothing about it.
struct TokenDigest: Hashable, Sendable {
    private static let length = Int(SHA256_DIGEST_SIZE)

    private let octets: [UInt8]

    init(_ token: String) {
        var context = sha256_ctx()
        unsafe nettle_sha256_init(&context)
        let text = [UInt8](token.utf8)
        unsafe nettle_sha256_update(&context, text.count, text)
        var octets = [UInt8](repeating: 0, count: Self.length)
        unsafe nettle_sha256_digest(&context, octets.count, &octets)
        self.octets = octets
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    func matches(_ other: TokenDigest) -> Bool {
        unsafe nettle_memeql_sec(octets, other.octets, Self.length) == 1
    }
}
