import ArgumentParser
import ControlAPI
import HTTPDaemon
import LinuxSystem
import SegmentEngine
import TCPWire

/// The bounds and permissions that the service starts with.
struct Options: ParsableArguments {
    @OptionGroup(title: "Where it listens, and who may ask") var access: AccessOptions

    @OptionGroup(title: "What may leave") var sending: SendingOptions

    @OptionGroup(title: "How much there may be") var capacity: CapacityOptions

    @OptionGroup(title: "HTTP requests") var http: HTTPOptions

    @OptionGroup(title: "State, privileges and log") var process: ProcessOptions

    /// The engine's bounds, for an API at this port.
    func engineConfiguration(port: UInt16) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        capacity.apply(to: &configuration)
        sending.apply(to: &configuration)
        configuration.usesNamespaces = !process.without.contains(.namespaces)
        // Where few files may be open, guards still have most of them.
        let connections = http.maxConnections * (access.unixSocket == nil || access.listen.address == nil ? 1 : 2)
        configuration.spareDescriptors = min(connections + Self.ownDescriptors, ResourceLimit.openFiles / 4)
        configuration.reservedAddress = access.listen.address.map {
            TransportAddress(address: $0.address, port: port)
        }
        return configuration
    }

    /// What the threads keep of the capabilities that the process has.
    var privileges: Privileges { Privileges(without: process.without) }

    func daemonConfiguration(_ files: AccessFiles) -> HTTPDaemon.Configuration {
        var configuration = HTTPDaemon.Configuration(
            address: access.listen.address?.address.rawValue, port: access.listen.address?.port ?? 0)
        configuration.identity = files.identity
        configuration.unixSocket = files.unixSocket
        configuration.allowedHosts = access.allowHost
        configuration.bodyTypes = ControlAPI.bodyTypes
        http.apply(to: &configuration)
        return configuration
    }

    /// What the service itself has open, besides connections and guards, and some to spare.
    private static let ownDescriptors = 64
}
