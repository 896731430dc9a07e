import CCurl

/// One request over libcurl.
enum Transfer {
    /// How it ended, and what there is to say about it.
    struct Outcome {
        var end: ccurl_end
        var status: Int
        var message: String
    }

    static func perform(
        method: String, url: String, fields: [String], body: [UInt8]?, unixSocket: String?, authorities: String?,
        connectMilliseconds: Int, totalMilliseconds: Int, interruption: CInt, into sink: AnswerSink
    ) -> Outcome {
        let context = unsafe Unmanaged.passUnretained(sink).toOpaque()
        let method = CText(method)
        let url = CText(url)
        let fields = CText(fields.joined(separator: "\n"))
        let socket = CText(unixSocket ?? "")
        let file = CText(authorities ?? "")
        var message = [CChar](repeating: 0, count: Int(CCURL_MESSAGE_SIZE))
        var status = 0
        let octets = body ?? []
        let end = unsafe octets.withUnsafeBytes { octets in
            var request = unsafe ccurl_request(
                method: method.start, url: url.start, fields: fields.start, body: octets.baseAddress,
                body_length: octets.count, has_body: body != nil, unix_socket: socket.start, authorities: file.start,
                connect_milliseconds: connectMilliseconds, total_milliseconds: totalMilliseconds,
                interruption: interruption)
            return unsafe ccurl_perform(&request, receive, context, &status, &message)
        }
        let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return Outcome(end: end, status: status, message: String(decoding: text, as: UTF8.self))
    }
}

private func receive(
    _ context: UnsafeMutableRawPointer?, _ status: Int, _ type: UnsafePointer<CChar>?, _ octets: UnsafePointer<UInt8>,
    _ count: Int
) -> Bool {
    guard let context = unsafe context else { return false }
    let sink = unsafe Unmanaged<AnswerSink>.fromOpaque(context).takeUnretainedValue()
    let piece = unsafe [UInt8](UnsafeBufferPointer(start: octets, count: count))
    return unsafe sink.take(status, type.map { unsafe String(cString: $0) }, piece)
}
