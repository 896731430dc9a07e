/// Whose raw socket an endpoint uses.
package enum SocketKind: String, CaseIterable, Sendable {
    /// One that all endpoints with the same trigger share, whatever their number.
    case shared
    /// One of its own, bound to its local address and connected to its remote one.
    case own
}
