/// What answers requests.
///
/// It is called on the server's thread and must not block, nor must what it returns. A request whose responder is
/// dropped without an answer waits until the server stops.
package typealias HTTPHandler = @Sendable (HTTPRequest) -> HTTPAnswer
