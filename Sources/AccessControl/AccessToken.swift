/// A token as it is remembered: who bears it, what for, and what it is recognized by.
package struct AccessToken: Hashable, Sendable {
    /// The octets of a token: fewer could be guessed one day, more do not fit into a header with the rest.
    package static let lengths = 32...512

    package let name: String
    package let role: AccessRole
    let digest: TokenDigest
}
