/// Which preset fills in what an endpoint's definition leaves out.
package enum EndpointRole: String, CaseIterable, Sendable {
    /// Waits for segments and answers them.
    case server
    /// Begins.
    case client
}
