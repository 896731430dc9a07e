import HTTPMessage

/// A request on its way in, and then its way out; used on the server's thread only.
final class ReceivedRequest {
    /// How far it has come.
    enum Progress {
        case new
        /// Its head is good, and its body comes.
        case admitted
        /// It has been refused, so that whatever else comes is of no interest.
        case refused
        /// The handler has been called, or its refusal is held back.
        case handled
    }

    let connection: Connection
    let target: String
    let targetLength: Int
    private(set) var progress = Progress.new
    /// The request as far as it has come, while it is admitted.
    private var admitted: HTTPRequest?
    /// Whether its answer is a stream.
    var hasStream = false
    /// Where the answer comes from, while the request waits for it.
    var responder: HTTPResponder?
    /// Whose request it is, when its refusal is held back.
    private(set) var heldCaller: Caller?

    init(connection: Connection, target: String, targetLength: Int) {
        self.connection = connection
        self.target = target
        self.targetLength = targetLength
    }

    func admit(_ head: RequestHead, _ target: RequestTarget) {
        var request = HTTPRequest(
            method: head.method, target: head.target, parsed: target, headers: head.headers, body: [])
        if let length = head.headers["Content-Length"].flatMap({ Int($0) }) {
            request.body.reserveCapacity(min(length, 64 << 10))
        }
        admitted = request
        progress = .admitted
    }

    func refuse() {
        progress = .refused
    }

    /// Has the request wait for its refusal as for an answer; nothing that still comes of it is of interest.
    func hold(for caller: Caller, _ responder: HTTPResponder) {
        progress = .handled
        heldCaller = caller
        self.responder = responder
    }

    /// The whole request, for the handler; once.
    func takeAdmitted() -> HTTPRequest? {
        guard let request = admitted.take() else { return nil }
        progress = .handled
        return request
    }

    /// Takes a piece of the body; false when it would grow over the limit.
    func append(_ piece: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard let count = admitted?.body.count, count + piece.count <= limit else { return false }
        unsafe admitted?.body.append(contentsOf: piece)
        return true
    }
}
