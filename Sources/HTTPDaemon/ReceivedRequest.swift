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
    /// The head before it on the connection, if that had the same target.
    let knownHead: KnownHead?
    private(set) var progress = Progress.new
    /// The request as far as it has come, while it is admitted.
    private var admitted: HTTPRequest?
    private var refusal: Problem?
    /// Whether its body comes in chunks.
    private(set) var isChunked = false
    /// Whether it only asks, so that its answer may be withheld.
    private(set) var isRead = false
    /// What it and its answer are counted for among the octets that the server holds.
    var heldOctets = 0
    /// Whether its answer is a stream.
    var hasStream = false
    /// The answer, when it is one that can be sent again.
    var reply: Reply?
    /// Where the answer comes from, while the request waits for it.
    var responder: HTTPResponder?
    /// Whose request it is, when its refusal is held back.
    private(set) var heldCaller: Caller.Name?

    /// Takes the target as it came.
    init(connection: Connection, target: UnsafeBufferPointer<UInt8>) {
        self.connection = connection
        targetLength = target.count
        if let known = connection.past.knownHead, unsafe known.request.target.isEqual(to: target) {
            knownHead = known
            self.target = known.request.target
        } else {
            knownHead = nil
            self.target = unsafe String(decoding: target, as: UTF8.self)
        }
    }

    /// Admits the request, whose body is still to come.
    func admit(_ head: HTTPRequest, _ admission: Admission) {
        var request = head
        if admission.bodyLength > 0 { request.body.reserveCapacity(min(admission.bodyLength, 64 << 10)) }
        isChunked = admission.isChunked
        isRead = request.method == "GET" || request.method == "HEAD"
        admitted = request
        progress = .admitted
    }

    /// Refuses the request, with an answer that is still to be given at its end.
    func refuse(with problem: Problem? = nil) {
        progress = .refused
        refusal = problem
    }

    /// Has the request wait for its refusal as for an answer; nothing that still comes of it is of interest.
    func hold(for caller: Caller.Name, _ responder: HTTPResponder) {
        progress = .handled
        heldCaller = caller
        self.responder = responder
    }

    /// What is to be answered at its end, once.
    func takeRefusal() -> Problem? { refusal.take() }

    /// The whole request, for the handler; once.
    func takeAdmitted() -> HTTPRequest? {
        guard let request = admitted.take() else { return nil }
        progress = .handled
        return request
    }

    /// Takes a piece of the body and tells how long it is now; nothing when it would grow over the limit.
    func append(_ piece: UnsafeRawBufferPointer, limit: Int) -> Int? {
        guard let count = admitted?.body.count, count + piece.count <= limit else { return nil }
        unsafe admitted?.body.append(contentsOf: piece)
        return count + piece.count
    }
}

extension String {
    /// Whether it is these octets in UTF-8.
    fileprivate func isEqual(to octets: UnsafeBufferPointer<UInt8>) -> Bool {
        let mine = utf8.span
        guard mine.count == octets.count else { return false }
        for index in mine.indices where unsafe mine[index] != octets[index] { return false }
        return true
    }
}
