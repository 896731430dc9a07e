import CFloor
import LinuxSystem

/// What other programs send in a second, for information.
struct PeerPaths {
    /// A program, and how to let it send the same segment over loopback without an end.
    private struct Peer {
        var name: String
        var command: String
        /// Whether it writes to the network interface, past the host's own IP and firewall.
        var isLinkLayer = false
    }

    let scale: Scale

    func measure() throws(BenchmarkError) -> [Row] {
        let guarded = try Scenery.silence(Scenery.receiverPort)
        defer { _ = guarded.port }
        let (scapy, trafgen, capture) = (try Self.scapy(), try Self.trafgen(), try Self.capture())
        let (near, far) = (Scenery.senderPort, Scenery.receiverPort)
        let peers = [
            Peer(
                name: "hping3",
                command: "hping3 --flood --syn --baseport \(near) --destport \(far) --data 13 127.0.0.1"),
            Peer(
                name: "nping",
                command: "nping --tcp --flags syn --source-port \(near) --dest-port \(far) --data-length 13 "
                    + "--rate 1000000 --count 100000000 --no-capture --quiet --privileged --send-ip 127.0.0.1"),
            Peer(name: "scapy", command: "/usr/bin/python3 \(scapy.path)"),
            Peer(name: "trafgen", command: "trafgen -o lo -i \(trafgen.path) --cpus 1 -q", isLinkLayer: true),
            Peer(
                name: "tcpreplay", command: "tcpreplay -q -K --topspeed --loop 0 -i lo \(capture.path)",
                isLinkLayer: true),
        ]
        var rows: [Row] = []
        for peer in peers {
            let label = "send, lo, by \(peer.name)\(peer.isLinkLayer ? " (AF_PACKET)" : "")"
            if ChildProcess.isInstalled(peer.name) {
                rows.append(Row(label, unit: "segments/s", try compare(peer)))
            } else {
                rows.append(Row(notInstalled: label, unit: "segments/s"))
            }
        }
        return rows
    }

    /// Lets a peer go on only while it is its turn.
    private func compare(_ peer: Peer) throws(BenchmarkError) -> Comparison {
        Core.roam()
        // A bound for the case that we end before it.
        let process = try ChildProcess("timeout 60 \(peer.command)", leadsGroup: true)
        defer { process.end() }
        let before = Self.sent()
        let deadline = Clock.monotonicNanoseconds + 8_000_000_000
        while Self.sent() < before + 20 {
            guard Clock.monotonicNanoseconds < deadline else { throw .unexpected("\(peer.name) sends nothing") }
            Pause.milliseconds(20)
        }
        process.pause()
        return try Comparison(rounds: scale.rounds) { () throws(BenchmarkError) in
            let count: UInt64 = 30_000
            var path = Scenery.loopbackPath
            return try Core.measuring { () throws(BenchmarkError) in
                let taken = try Scenery.checked(unsafe cfloor_send(&path, count), "the floor's sending")
                return Double(count) * 1e9 / taken
            }
        } ours: { () throws(BenchmarkError) in
            process.resume()
            defer { process.pause() }
            Pause.milliseconds(20)
            let (first, start) = (Self.sent(), Clock.monotonicNanoseconds)
            Pause.milliseconds(150)
            let (last, end) = (Self.sent(), Clock.monotonicNanoseconds)
            return Double(last - first) * 1e9 / Double(end - start)
        }
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

    private static func trafgen() throws(BenchmarkError) -> TemporaryFile {
        let frame = frame.map { "\($0)" }.joined(separator: ", ")
        return try TemporaryFile("{ \(frame) }\n")
    }

    /// A capture file of one frame, in the classic format of libpcap.
    private static func capture() throws(BenchmarkError) -> TemporaryFile {
        let frame = frame
        let header: [UInt32] = [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 65_535, 1]
        let record: [UInt32] = [0, 0, UInt32(frame.count), UInt32(frame.count)]
        return try TemporaryFile(octets: (header + record).flatMap { word in octets(of: word) } + frame)
    }

    private static func octets(of word: UInt32) -> [UInt8] {
        [
            UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8),
            UInt8(truncatingIfNeeded: word >> 16),
            UInt8(truncatingIfNeeded: word >> 24),
        ]
    }

    /// What the floor sends, in an Ethernet frame as the loopback interface has them: without addresses.
    private static var frame: [UInt8] {
        var datagram = [UInt8](repeating: 0, count: Int(cfloor_datagram_octets()))
        var path = Scenery.loopbackPath
        unsafe cfloor_datagram(&path, &datagram)
        return [UInt8](repeating: 0, count: 12) + [0x08, 0x00] + datagram
    }

    private static func sent() -> Int64 {
        unsafe cfloor_sent_by("lo")
    }
}
