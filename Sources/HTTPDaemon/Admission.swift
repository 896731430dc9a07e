import HTTPMessage

/// What the gate has found out about a request that it admits.
struct Admission: Sendable {
    var target: RequestTarget
    /// How long its body will be; 0 when it says nothing.
    var bodyLength = 0
    /// Whether the body comes in chunks, so that only its end tells how long it is.
    var isChunked = false

    /// Whether a body comes.
    var hasBody: Bool { isChunked || bodyLength > 0 }
}
