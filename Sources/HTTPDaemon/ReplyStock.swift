import HTTPMessage

/// Replies that have been sent and wait to be sent again.
///
/// To make a response and its fields takes libmicrohttpd longer than all else about a short answer takes, and most
/// answers are as long as one before them. Used on the thread of one listening socket only.
final class ReplyStock: @unchecked Sendable {
    /// Longer ones are rare, and would take memory while nobody asks.
    static let longest = 2048

    /// The fields that replies have besides the standard ones.
    static let fields = HTTPResponse.jsonOnly

    /// One for each of some lengths, because nearly always an answer has left before the next one is made.
    private var replies = [Reply?](repeating: nil, count: 64)

    /// A reply that is filled with a response's octets; nothing when the response is not of the usual kind.
    func reply(to response: HTTPResponse) -> Reply? {
        let count = response.body.count
        guard count <= Self.longest, response.stream == nil, response.headers == Self.fields else { return nil }
        let place = place(of: count)
        let known = replies[place].take()
        let isFitting = known?.count == count
        if !isFitting { replies[place] = known }
        guard let reply = isFitting ? known : Reply(count: count, fields: Self.fields) else { return nil }
        reply.fill(with: response.body)
        return reply
    }

    /// Takes back a reply that has been sent.
    func putBack(_ reply: Reply) {
        replies[place(of: reply.count)] = reply
    }

    private func place(of count: Int) -> Int { count % replies.count }
}
