import CFloor
import LinuxSystem
import SegmentEngine
import TCPWire

/// The addresses, ports and segments that the paths have in common.
enum Scenery {
    static let senderPort: UInt16 = 20_000
    static let receiverPort: UInt16 = 40_000
    /// What every segment carries, as the floor's do.
    static let payload = [UInt8]("Hello, floor!".utf8)

    static func loopback(_ port: UInt16) -> TransportAddress {
        TransportAddress(address: .loopback, port: port)
    }

    /// A path on the loopback interface.
    static var loopbackPath: cfloor_path {
        cfloor_path(
            source: IPv4Address.loopback.rawValue, destination: IPv4Address.loopback.rawValue, source_port: senderPort,
            destination_port: receiverPort)
    }

    /// The segment that the floor sends too.
    static var segment: SegmentTemplate {
        var segment = SegmentTemplate()
        segment.flags = .syn
        segment.window = 200
        segment.payload = payload
        return segment
    }

    /// An endpoint that begins nothing and answers nothing.
    static func endpoint(
        _ id: String, local: TransportAddress, remote: TransportAddress? = nil
    ) -> EndpointDefinition {
        var definition = EndpointDefinition(preset: .server)
        definition.id = id
        definition.local = local
        definition.remote = remote
        definition.opening = []
        definition.rules = []
        return definition
    }

    /// Keeps this host's own TCP from answering on a port of any address.
    static func silence(_ port: UInt16) throws(BenchmarkError) -> PortReservation {
        do throws(Errno) {
            return try PortReservation(address: 0, port: port, silence: .filter)
        } catch {
            throw .system("a silent listener on port \(port)", error)
        }
    }

    /// What a floor's loop answered, or why it stopped.
    static func checked(_ nanoseconds: Int64, _ what: String) throws(BenchmarkError) -> Double {
        guard nanoseconds > 0 else { throw .system(what, .last) }
        return Double(nanoseconds)
    }
}
