import CFloor
import Glibc
import LinuxSystem

/// A program that answers HTTP beside us, until it is let go.
final class Server {
    let port: UInt16
    let process: ChildProcess
    /// How long it took from its start to its first good answer, in nanoseconds.
    let readyAfter: Double

    /// The service itself; one that `isMeasured` has the last core, and the calling thread the first.
    static func segmentd(isMeasured: Bool = false) throws(BenchmarkError) -> Server {
        let program = try ChildProcess.neighbour("segmentd")
        return try Server(
            "\(program) --listen 127.0.0.1:18080 --log-level error --max-endpoints 20000", port: 18_080,
            readiness: "/readyz", isMeasured: isMeasured)
    }

    /// A bare libmicrohttpd program whose answers have so many octets.
    static func floor(octets: Int) throws(BenchmarkError) -> Server {
        let program = try ChildProcess.neighbour("segmentd-benchmark-http")
        return try Server("\(program) 18081 \(octets)", port: 18_081, readiness: "/")
    }

    private init(
        _ command: String, port: UInt16, readiness: String, isMeasured: Bool = false
    ) throws(BenchmarkError) {
        let start = Clock.monotonicNanoseconds
        process = try ChildProcess(command, isMeasured: isMeasured)
        self.port = port
        while true {
            if let connection = try? HTTPConnection(port: port),
                let answer = try? connection.exchange("GET", readiness), answer.status == 200
            {
                break
            }
            guard Clock.monotonicNanoseconds < start + 10_000_000_000 else {
                process.end()
                throw .unexpected("\(command) does not answer")
            }
            usleep(100)
        }
        readyAfter = Double(Clock.monotonicNanoseconds - start)
    }

    func end() {
        process.end()
    }
}
