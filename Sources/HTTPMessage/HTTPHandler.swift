/// What answers requests.
///
/// It is called on the server's thread and must not block. It answers by the responder, then and there or later from
/// any thread, once; a request whose responder is dropped without an answer waits until the server stops.
package typealias HTTPHandler = @Sendable (HTTPRequest, HTTPResponder) -> Void
