import HTTPMessage

/// Tells whether two requests ask for the same, without keeping what they ask.
///
/// 128 bits that nobody can foresee, because they are keyed anew at each start of the process.
struct RequestFingerprint: Hashable, Sendable {
    private let length: Int
    private let first: Int
    private let second: Int

    init(_ request: HTTPRequest) {
        length = request.body.count
        first = Self.hash(of: request, after: 1)
        second = Self.hash(of: request, after: 2)
    }

    private static func hash(of request: HTTPRequest, after salt: UInt8) -> Int {
        var hasher = Hasher()
        hasher.combine(salt)
        hasher.combine(request.method)
        hasher.combine(request.target)
        unsafe request.body.withUnsafeBytes { octets in unsafe hasher.combine(bytes: octets) }
        return hasher.finalize()
    }
}
