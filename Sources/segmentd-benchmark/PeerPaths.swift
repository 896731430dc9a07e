import CFloor
import LinuxSystem

/// What other programs send in a second, for information.
struct PeerPaths {
    let scale: Scale

    func measure() throws(BenchmarkError) -> [Row] {
        let guarded = try Scenery.silence(Scenery.receiverPort)
        let (near, far) = (Scenery.senderPort, Scenery.receiverPort)
        let script = try Self.scapy()
        let peers = [
            ("hping3", "hping3 --flood --syn --baseport \(near) --destport \(far) --data 13 127.0.0.1"),
            (
                "nping",
                "nping --tcp --flags syn --source-port \(near) --dest-port \(far) --data-length 13 --rate 1000000 "
                    + "--count 10000000 --no-capture --quiet --privileged --send-ip 127.0.0.1"
            ),
            ("scapy", "/usr/bin/python3 \(script.path)"),
        ]
        var rows: [Row] = []
        for (name, command) in peers where ChildProcess.isInstalled(name) {
            let rate = try Self.rate(of: command)
            var path = Scenery.loopbackPath
            let taken = try Core.measuring { () throws(BenchmarkError) in
                try Scenery.checked(unsafe cfloor_send(&path, 100_000), "the floor's sending")
            }
            rows.append(Row("send, lo, by \(name)", unit: "segments/s", ours: rate, floor: 1e14 / taken))
        }
        _ = guarded.port
        return rows
    }

    private static func scapy() throws(BenchmarkError) -> TemporaryFile {
        try TemporaryFile(
            """
            from scapy.all import IP, TCP, L3RawSocket, Raw
            socket = L3RawSocket()
            segment = IP(dst="127.0.0.1") / TCP(sport=\(Scenery.senderPort), dport=\(Scenery.receiverPort))
            segment /= Raw(b"Hello, floor!")
            while True:
                socket.send(segment)
            """)
    }

    /// What the loopback interface sends in two seconds of a command, once it has begun.
    private static func rate(of command: String) throws(BenchmarkError) -> Double {
        let process = try ChildProcess("timeout 12 \(command)")
        defer { process.end() }
        let before = sent()
        let deadline = Clock.monotonicNanoseconds + 8_000_000_000
        while sent() < before + 20, Clock.monotonicNanoseconds < deadline {
            Pause.milliseconds(20)
        }
        let (first, start) = (sent(), Clock.monotonicNanoseconds)
        Pause.milliseconds(1000)
        let (last, end) = (sent(), Clock.monotonicNanoseconds)
        return Double(last - first) * 1e9 / Double(end - start)
    }

    private static func sent() -> Int64 {
        unsafe cfloor_sent_by("lo")
    }
}
