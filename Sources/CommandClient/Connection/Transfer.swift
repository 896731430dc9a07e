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
        let texts = unsafe ([method, url] + fields).map { unsafe strdup($0) }
        let paths = unsafe [unixSocket, authorities].map { path in unsafe path.map { unsafe strdup($0) } ?? nil }
        defer {
            for unsafe text in unsafe texts + paths { unsafe free(text) }
        }
        guard let method = unsafe texts[0], let url = unsafe texts[1] else {
            return Outcome(end: CCURL_UNUSABLE, status: 0, message: "memory is short")
        }
        let fieldPointers = unsafe texts.dropFirst(2).map { unsafe UnsafePointer($0) }
        var message = [CChar](repeating: 0, count: Int(CCURL_MESSAGE_SIZE))
        var status = 0
        let end = unsafe fieldPointers.withUnsafeBufferPointer { fieldPointers in
            unsafe (body ?? []).withUnsafeBytes { octets in
                // An empty list has no address, and C wants one.
                var nothing: UnsafePointer<CChar>?
                return unsafe withUnsafePointer(to: &nothing) { nothing in
                    var request = unsafe ccurl_request(
                        method: method, url: url, fields: fieldPointers.baseAddress ?? nothing,
                        field_count: fieldPointers.count, body: octets.baseAddress, body_length: octets.count,
                        has_body: body != nil, unix_socket: paths[0], authorities: paths[1],
                        connect_milliseconds: connectMilliseconds, total_milliseconds: totalMilliseconds,
                        interruption: interruption)
                    return unsafe ccurl_perform(&request, receive, context, &status, &message)
                }
            }
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
