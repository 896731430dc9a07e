import Glibc
import LinuxSystem
import TCPWire

/// A network namespace next to ours, joined to it by a virtual Ethernet pair; gone when its process ends.
///
/// Its port to receive on is silent, as a guarded one is.
final class Neighbour {
    static let ourAddress = IPv4Address(rawValue: 0x0a42_0001)
    static let address = IPv4Address(rawValue: 0x0a42_0002)
    static let prefix = "10.66.0.0/24"
    /// The hidden option that makes this program the neighbour.
    static let option = "--as-neighbour"

    private let process: ChildProcess

    init() throws(BenchmarkError) {
        process = try ChildProcess("\(try ChildProcess.neighbour("segmentd-benchmark")) \(Self.option)")
        process.waitForOutput()
        let inside = "nsenter -t \(process.identifier) -n"
        for command in [
            "ip link add seg0 type veth peer name seg1 netns \(process.identifier)",
            "ip address add \(Self.ourAddress)/24 dev seg0",
            "ip link set seg0 up",
            "\(inside) ip address add \(Self.address)/24 dev seg1",
            "\(inside) ip link set seg1 up",
        ] {
            try ChildProcess.run(command)
        }
    }

    func end() {
        process.end()
    }

    /// What the neighbour's own process does: hold a port until its input ends.
    static func stay() throws(BenchmarkError) {
        let guarded = try Scenery.silence(Scenery.receiverPort)
        print("ready")
        fflush(nil)
        while readLine() != nil {}
        _ = guarded.port
    }
}
