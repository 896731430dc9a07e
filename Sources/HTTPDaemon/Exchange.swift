import CMicroHTTPD
import Glibc
import HTTPMessage
import JSONText

/// One request and its answer, for the length of a callback.
@safe
struct Exchange {
    let server: ServerContext
    let request: ReceivedRequest
    let handle: OpaquePointer

    /// What a body or an answer may have without being counted among the octets that are held.
    private static let smallOctets = 16 << 10

    /// Admits the head, or refuses the request before its body.
    func receive(_ received: borrowing ReceivedHead) -> MHD_Result {
        let now = MonotonicClock.milliseconds
        let connection = request.connection
        do throws(Problem) {
            // Counted first, so that refusals count too.
            if let seconds = connection.caller.secondsToWait(at: now) {
                return try refuseTooFast(received.read(for: request), seconds: seconds)
            }
            let admission = try admit(received)
            if !request.isRead, !server.hasRoom(for: 0) { throw ServerContext.tooMuchHeld }
            if admission.hasBody {
                connection.setDeadline(now + server.configuration.bodyDeadlineMilliseconds)
                if admission.bodyLength > Self.smallOctets, !server.hasRoom(for: admission.bodyLength) {
                    throw ServerContext.tooMuchHeld
                }
            }
            return .YES
        } catch {
            return refuse(error)
        }
    }

    /// Admits the head or throws what is to be answered; one that was admitted before need not be looked into again.
    private func admit(_ received: borrowing ReceivedHead) throws(Problem) -> Admission {
        if let known = request.knownHead, known.isSame(as: received) {
            try checkRoom()
            request.admit(known.request, known.admission)
            return known.admission
        }
        let head = received.read(for: request)
        let admission = try server.gate.admit(head)
        try checkRoom()
        let admitted = HTTPRequest(
            method: head.method, target: head.target, parsed: admission.target, headers: head.headers, body: [])
        request.connection.past.admitted { KnownHead(admitted, admission, from: received) }
        request.admit(admitted, admission)
        return admission
    }

    /// Throws when nobody, or no more, may be let in.
    private func checkRoom() throws(Problem) {
        if server.isStopping { throw ServerContext.stopping }
        if request.connection.isExcess { throw ServerContext.tooManyConnections }
    }

    /// Refuses the request of a caller that makes too many, whatever its token is worth: who guesses learns nothing.
    ///
    /// Who is too fast need not connect again for it where nothing follows the head; else libmicrohttpd closes what is
    /// answered before its end.
    private func refuseTooFast(_ head: RequestHead, seconds: Int) throws(Problem) -> MHD_Result {
        let problem = ServerContext.tooManyRequests(
            limit: request.connection.caller.requestsPerSecond, seconds: seconds)
        guard let admission = try? server.gate.admit(head, checksToken: false), !admission.hasBody else {
            throw problem
        }
        request.refuse(with: problem)
        return .YES
    }

    /// Takes a piece of the body, or refuses the request in the middle of it.
    func receive(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
        guard request.progress == .admitted else { return .YES }
        let limit = server.configuration.bodyLimit
        guard let count = unsafe request.append(piece, limit: limit) else {
            return cutOff(Problem(.bodyTooLarge, detail: "The limit is \(limit) octets."))
        }
        return count <= Self.smallOctets || hold(count) ? .YES : cutOff(ServerContext.tooMuchHeld)
    }

    /// Counts so many octets of this request or its answer among those that are held; false when there is no room.
    private func hold(_ octets: Int) -> Bool {
        let more = octets - request.heldOctets
        guard more > 0 else { return true }
        guard server.hasRoom(for: more) else { return false }
        hold(more: more)
        return true
    }

    private func hold(more octets: Int) {
        server.hold(octets)
        request.heldOctets += octets
    }

    /// Asks the handler or, if it has been asked, sends the answer; while there is none, suspends the connection.
    func answer() -> MHD_Result {
        if request.progress == .refused {
            guard let problem = request.takeRefusal() else { return .YES }
            return queue(HTTPResponse(problem), closing: false)
        }
        request.connection.removeDeadline()
        if let responder = request.responder { return answer(from: responder) }
        guard let whole = request.takeAdmitted() else { return .YES }
        server.begin()
        let begin: (HTTPResponder) -> Void
        switch server.handler(whole) {
        case .now(let response): return queue(response, closing: false)
        case .later(let starter): begin = starter
        }
        let responder = HTTPResponder()
        begin(responder)
        if let response = responder.takeResponse() { return queue(response, closing: false) }
        request.responder = responder
        if !server.add(responder) {
            responder.respond(HTTPResponse(ServerContext.stopping))
        }
        return answer(from: responder)
    }

    /// Sends the answer or, while there is none, suspends the connection.
    func answer(from responder: HTTPResponder) -> MHD_Result {
        let connection = unsafe ConnectionHandle(handle)
        let waits = responder.wait(
            suspend: { unsafe MHD_suspend_connection(connection.pointer) },
            wake: { unsafe MHD_resume_connection(connection.pointer) })
        if waits { return .YES }
        guard let response = responder.takeResponse() else { return .NO }
        return queue(response, closing: false)
    }

    func queue(_ response: HTTPResponse, closing: Bool) -> MHD_Result {
        if response.body.count > Self.smallOctets, !hold(request.heldOctets + response.body.count) {
            if request.isRead { return queue(HTTPResponse(ServerContext.tooMuchHeld), closing: closing) }
            // Something may have been done, which the answer must say; nothing more is done meanwhile.
            hold(more: response.body.count)
        }
        request.connection.setDeadline(
            MonotonicClock.milliseconds + server.configuration.responseDeadlineMilliseconds)
        // Where the chunks ended was not for us to see, so nothing that comes after them is taken for a request.
        let closing = closing || request.isChunked || server.isStopping
        if !closing, let reply = request.connection.entrance.replies.reply(to: response) {
            request.reply = reply
            return unsafe MHD_queue_response(handle, UInt32(response.status), reply.handle)
        }
        guard let reply = unsafe reply(to: response) else { return .NO }
        defer { unsafe MHD_destroy_response(reply) }
        for field in response.headers { unsafe reply.add(field) }
        for field in HTTPResponse.standardFields where !response.sets(field.name) { unsafe reply.add(field) }
        if closing { unsafe reply.add(HTTPField("Connection", "close")) }
        return unsafe MHD_queue_response(handle, UInt32(response.status), reply)
    }

    private func reply(to response: HTTPResponse) -> OpaquePointer? {
        if let stream = response.stream { return unsafe reply(with: stream) }
        return unsafe reply(with: response.body)
    }

    /// A response whose body is asked for as the client takes it.
    private func reply(with source: any BodySource) -> OpaquePointer? {
        // The client may rest for longer than the idle timeout; our own deadlines go on.
        request.hasStream = true
        unsafe cmicrohttpd_set_idle_timeout(handle, 0)
        let body = unsafe StreamedBody(
            source, server: server, connection: request.connection, handle: ConnectionHandle(handle))
        let holder = unsafe Unmanaged.passRetained(body)
        let reply = unsafe MHD_create_response_from_callback(
            UInt64.max, StreamedBody.blockSize, bodyWanted, holder.toOpaque(), bodyFinished)
        if unsafe reply == nil { unsafe holder.release() }
        return unsafe reply
    }

    /// A response of libmicrohttpd that holds the body, for as long as it sends it, instead of copying it.
    private func reply(with body: OctetBuffer) -> OpaquePointer? {
        let holder = unsafe Unmanaged.passRetained(body)
        let reply = unsafe MHD_create_response_from_buffer_with_free_callback_cls(
            body.count, body.address,
            { holder in
                if let holder = unsafe holder { unsafe Unmanaged<OctetBuffer>.fromOpaque(holder).release() }
            }, holder.toOpaque())
        if unsafe reply == nil { unsafe holder.release() }
        return unsafe reply
    }

    /// Answers in the middle of a body, where libmicrohttpd takes no answer, and has the connection closed.
    private func cutOff(_ problem: Problem) -> MHD_Result {
        request.refuse()
        request.connection.sendLast(HTTPResponse(problem).closingOctets)
        return .NO
    }
}
