import LinuxSystem
import TCPWire

/// Finds destinations that are every host's of a link of this host: the kernel alone knows which those are.
///
/// The kernel refuses to send there in any case, since our sockets have no leave to broadcast; to be told before is
/// kinder than an outcome. What is asked is the namespace of the calling thread, so that of endpoints in others only the
/// remote is looked at, by the helper. Asking costs system calls, so of a long list only the first addresses are asked
/// about.
enum LinkBroadcast {
    private static let most = 64

    /// Refuses a plan of which a segment names such a destination.
    static func check(_ plan: TransmissionPlan, of endpoint: EndpointDefinition) throws(EngineError.Located) {
        guard endpoint.namespace == nil else { return }
        var asked: Set<IPv4Address> = []
        for (position, step) in plan.steps.enumerated() {
            guard let destination = step.template.ip.destination, asked.count < most,
                asked.insert(destination).inserted
            else { continue }
            do throws(EngineError) {
                try check(destination)
            } catch {
                throw .init(error, index: position)
            }
        }
    }

    /// Refuses one.
    static func check(_ destination: IPv4Address) throws(EngineError) {
        guard !LocalAddress.isBroadcast(destination.rawValue) else { throw .destinationNotUnicast(destination) }
    }
}
