import HTTPMessage
import Locking

/// A request with a key, and its answer, whether or not the connection that it came by is still there.
final class KeyedRequest: Sendable {
    let fingerprint: RequestFingerprint
    /// What the request is answered by, instead of the responder of its connection.
    let responder = HTTPResponder()
    private let made = Locked<HTTPResponse?>(nil)

    init(_ request: HTTPRequest) {
        fingerprint = RequestFingerprint(request)
    }

    /// The response, made at the first call after the answer; for the HTTP thread.
    var response: HTTPResponse? {
        made.withLock { made in
            if let made { return made }
            made = responder.takeResponse()
            return made
        }
    }
}
