/// A kind of problem: what it is called, and how it is usually reported.
package struct ProblemType: Hashable, Sendable {
    /// The last part of the `type` URI.
    package var slug: String
    package var status: Int
    package var title: String

    package init(_ slug: String, status: Int, title: String) {
        self.slug = slug
        self.status = status
        self.title = title
    }

    /// The `type` member: `/problems/` and the slug.
    package var uri: String { "/problems/" + slug }
}

extension ProblemType {
    package static let malformedRequest = ProblemType(
        "malformed-request", status: 400, title: "The request is malformed")
    package static let malformedJSON = ProblemType(
        "malformed-json", status: 400, title: "The request body is not JSON")
    package static let foreignHost = ProblemType(
        "foreign-host", status: 403, title: "The Host is not one of this service")
    package static let foreignOrigin = ProblemType(
        "foreign-origin", status: 403, title: "Requests from other sites are refused")
    package static let tokenMissing = ProblemType(
        "token-missing", status: 401, title: "A token is needed")
    package static let tokenWrong = ProblemType(
        "token-wrong", status: 401, title: "The token is not known")
    package static let roleInsufficient = ProblemType(
        "role-insufficient", status: 403, title: "The token is not for this")
    package static let foreignUser = ProblemType(
        "foreign-user", status: 403, title: "The user may not use the service")
    package static let tooManyFailures = ProblemType(
        "too-many-failures", status: 429, title: "There have been too many wrong tokens")
    package static let bodyTooLarge = ProblemType(
        "body-too-large", status: 413, title: "The request body is too large")
    package static let targetTooLong = ProblemType(
        "target-too-long", status: 414, title: "The request target is too long")
    package static let unsupportedMediaType = ProblemType(
        "unsupported-media-type", status: 415, title: "The body has a type that is not understood")
    package static let headersTooLarge = ProblemType(
        "headers-too-large", status: 431, title: "The request headers are too large")
    package static let tooManyRequests = ProblemType(
        "too-many-requests", status: 429, title: "The client makes too many requests")
    package static let internalError = ProblemType(
        "internal-error", status: 500, title: "The service failed")
    package static let starting = ProblemType(
        "starting", status: 503, title: "The service is starting")
    package static let stopping = ProblemType(
        "stopping", status: 503, title: "The service is stopping")
    package static let tooManyConnections = ProblemType(
        "too-many-connections", status: 503, title: "The service has too many connections")
    package static let tooMuchHeld = ProblemType(
        "too-much-held", status: 503, title: "The service holds as much of bodies and answers as it may")
    package static let unsupportedVersion = ProblemType(
        "unsupported-http-version", status: 505, title: "The HTTP version is not supported")

    /// What the server answers by itself, whatever is asked for.
    package static let refusals: [ProblemType] = [
        .malformedRequest, .foreignHost, .foreignOrigin, .tokenMissing, .tokenWrong,
        .roleInsufficient, .foreignUser, .tooManyFailures, .bodyTooLarge, .targetTooLong, .unsupportedMediaType,
        .headersTooLarge, .tooManyRequests, .internalError, .starting, .stopping, .tooManyConnections, .tooMuchHeld,
        .unsupportedVersion,
    ]
}
