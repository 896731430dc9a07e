import HTTPMessage

/// A request on its way in, and then its way out; used on the server's thread only.
final class ReceivedRequest {
    let connection: Connection
    let target: String
    let targetLength: Int
    private(set) var head: (head: RequestHead, target: RequestTarget)?
    private(set) var body: [UInt8] = []
    /// Whether it has been refused, so that whatever else comes is of no interest.
    var isRefused = false
    /// Whether its answer is a stream.
    var hasStream = false
    /// There once the handler has been called.
    var responder: HTTPResponder?

    init(connection: Connection, target: String, targetLength: Int) {
        self.connection = connection
        self.target = target
        self.targetLength = targetLength
    }

    func admit(_ head: RequestHead, _ target: RequestTarget) {
        self.head = (head, target)
        if let length = head.headers["Content-Length"].flatMap({ Int($0) }) {
            body.reserveCapacity(min(length, 64 << 10))
        }
    }

    /// Takes a piece of the body; false when it would grow over the limit.
    func append(_ piece: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard body.count + piece.count <= limit else { return false }
        unsafe body.append(contentsOf: piece)
        return true
    }
}
