import AccessControl
import HTTPMessage

/// Says whether a request may be made by who sent it: the one question that the gate has about its sender.
struct Authorizer: Sendable {
    private static let scheme = "bearer"

    private let tokens: TokenTable?
    private let requirement: @Sendable (String, [String]) -> AccessRequirement?
    private let counters: AccessCounters

    init(_ policy: HTTPDaemon.AccessPolicy) {
        tokens = policy.tokens
        requirement = policy.requirement
        counters = policy.counters
    }

    /// Lets a request pass, or throws what it is answered.
    ///
    /// Over the Unix socket the kernel vouches for the sender, so that no token is needed there; one that comes all
    /// the same counts.
    func check(_ head: RequestHead, _ target: RequestTarget) throws(Problem) {
        switch head.peer {
        case .stranger(let user): throw foreign(user)
        case .user:
            guard tokens != nil, head.headers.count(of: "Authorization") > 0 else { return }
        case .network: break
        }
        guard let tokens else { return }
        let requirement = requirement(head.method, target.path)
        guard requirement != .nothing else { return }
        guard head.headers.count(of: "Authorization") <= 1 else {
            throw Problem(
                .malformedRequest, detail: "The request is malformed: there is more than one Authorization header.")
        }
        guard let presented = Self.credentials(in: head.headers["Authorization"]) else { throw missing() }
        guard TokenTable.isToken(presented), let token = tokens.find(String(presented)) else { throw wrong() }
        guard case .role(let needed)? = requirement else { throw Problem(.starting).retryAfter(seconds: 1) }
        guard token.role.includes(needed) else { throw insufficient(token, needed) }
    }

    /// What follows the scheme (RFC 6750, section 2.1); nothing when it is another scheme.
    private static func credentials(in field: String?) -> Substring? {
        guard let field else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, first.lowercased() == scheme, parts.count == 2 else { return nil }
        return parts[1].drop { $0 == " " }
    }

    private func foreign(_ user: UInt32) -> Problem {
        counters.count(.foreignUser)
        return Problem(
            .foreignUser, detail: "The user \(user) is neither root nor the service's own, nor of the group allowed.")
    }

    private func missing() -> Problem {
        counters.count(.tokenMissing)
        return Problem(
            .tokenMissing, detail: "Send a header \"Authorization: Bearer TOKEN\" with a token of the token file.",
            headers: [HTTPField("WWW-Authenticate", "Bearer")])
    }

    private func wrong() -> Problem {
        counters.count(.tokenWrong)
        return Problem(
            .tokenWrong, detail: "The token is none of the token file that the service was started with.",
            headers: [HTTPField("WWW-Authenticate", "Bearer error=\"invalid_token\"")])
    }

    private func insufficient(_ token: AccessToken, _ needed: AccessRole) -> Problem {
        counters.count(.roleInsufficient)
        return Problem(
            .roleInsufficient,
            detail:
                "The token \"\(token.name)\" has the role \(token.role.rawValue), and this takes \(needed.rawValue).",
            headers: [
                HTTPField("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"\(needed.rawValue)\"")
            ])
    }
}
