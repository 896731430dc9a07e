package import CaptureFilter
package import LinuxSystem
import TCPWire

/// What a user asks of an endpoint.
package struct EndpointDefinition: Hashable, Sendable {
    /// How many labels an endpoint may have.
    package static let maximumLabels = 64

    /// The name; `nil`: one is made.
    package var id: String?
    package var role: EndpointRole
    package var domain: SocketDomain
    /// The address and port it plays; port 0: the engine chooses one.
    package var local: TransportAddress
    /// The only peer; `nil`: any.
    package var remote: TransportAddress?
    package var trigger: EpollTrigger
    package var socket: SocketKind
    /// The network namespace it plays in, by its name; `nil`: the service's own.
    package var namespace: String?
    package var guardChoice: GuardChoice
    /// What it receives, of the segments that are for it; `nil`: all.
    package var filter: CaptureFilter?
    /// Sent once at each start.
    package var opening: [SegmentTemplate]
    /// The first one that matches answers.
    package var rules: [Rule]
    /// A user's own notes, in their order.
    package var labels: [Label]
    /// Whether it starts when it is created.
    package var startsAtOnce: Bool

    /// A user's own note on an endpoint.
    package struct Label: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The ordinary server or client: a pair of these on 127.0.0.1 talks to itself.
    package init(preset role: EndpointRole) {
        let server = TransportAddress(address: .loopback, port: 50_000)
        let client = TransportAddress(address: .loopback, port: 50_001)
        let greeting = Self.greeting(role == .server ? "Hello client" : "Hello server")
        var anyButResets = SegmentMatch()
        anyButResets.withoutFlags = .rst

        id = nil
        self.role = role
        domain = .addressFamily
        (local, remote) = role == .server ? (server, client) : (client, server)
        trigger = role == .server ? .level : .edge
        socket = .shared
        namespace = nil
        guardChoice = .automatic
        filter = nil
        opening = role == .server ? [] : [greeting]
        rules = [
            Rule(name: "greet", match: anyButResets, reply: [greeting], paceNanoseconds: 100_000_000, limit: nil)
        ]
        labels = []
        startsAtOnce = true
    }

    private static func greeting(_ text: String) -> SegmentTemplate {
        var segment = SegmentTemplate()
        segment.flags = .syn
        segment.window = 200
        segment.payload = [UInt8](text.utf8)
        return segment
    }
}
