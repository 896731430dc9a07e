/// What an HTTP server has to do at the moment.
package struct HTTPGauges: Hashable, Sendable {
    /// How many connections are open.
    package var connections = 0
    /// How many may be served.
    package var connectionLimit = 0
    /// How many requests have been handed over and are not over yet.
    package var requests = 0
    /// How many answers are sent as they come.
    package var streams = 0
    /// What bodies on their way in and answers on their way out take, small ones aside.
    package var heldOctets = 0
    package var heldOctetLimit = 0

    package init() {}
}
