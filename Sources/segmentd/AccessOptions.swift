import ArgumentParser
import HTTPDaemon
import TCPWire

/// Who may ask the service for something, and how.
struct AccessOptions: ParsableArguments {
    @Option(
        help: .init(
            "Where the HTTP API listens over TCP, or 'none'; port 0 takes a free one.", valueName: "address:port"),
        transform: { text in
            guard let place = ListenPlace(text) else {
                throw ValidationError("'\(text)' is not an address and port such as 127.0.0.1:8080, nor 'none'")
            }
            return place
        })
    var listen = ListenPlace.address(ListenAddress(address: .loopback, port: 8080))

    @Option(help: .init("A name that HTTP clients may use for this host; repeatable.", valueName: "name"))
    var allowHost: [String] = []

    @Option(
        help: .init(
            "A Unix socket that the HTTP API listens on besides, for root and the user that the service runs as.",
            valueName: "path"), completion: .file())
    var unixSocket: String?

    @Option(help: .init("A group whose members may use the Unix socket too: its name or number.", valueName: "group"))
    var unixSocketGroup: String?

    @Option(
        help: .init(
            "Lines of 'NAME read|control TOKEN', one of which every request over TCP must have.", valueName: "path"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: .init("Have the API speak TLS over TCP, with this PEM certificate.", valueName: "path"),
        completion: .file())
    var tlsCertificate: String?

    @Option(help: .init("The PEM key of the certificate.", valueName: "path"), completion: .file())
    var tlsKey: String?

    @Flag(help: "Listen on other addresses than loopback without tokens or without TLS: whoever gets there is let in.")
    var insecureRemoteControl = false

    /// What `--insecure-remote-control` has made of it, where it has.
    var exposure: String {
        switch (tokenFile == nil, tlsCertificate == nil) {
        case (true, _): "whoever reaches this address may send segments and read what arrives"
        case (false, true): "whoever reads the traffic to this address reads the tokens too"
        case (false, false): "is not needed: there are tokens, and there is TLS"
        }
    }

    mutating func validate() throws {
        if let unixSocket {
            let limit = HTTPDaemon.UnixSocket.pathLimit
            guard (1...limit).contains(unixSocket.utf8.count) else {
                throw ValidationError("--unix-socket \(unixSocket): a path may have 1 to \(limit) octets")
            }
        }
        guard unixSocketGroup == nil || unixSocket != nil else {
            throw ValidationError("--unix-socket-group is of use with --unix-socket only")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together: one of them is missing")
        }
        try checkPlace()
    }

    /// Refuses what is not safe, or makes no sense, with the place where TCP is listened to.
    private func checkPlace() throws {
        guard let address = listen.address else {
            guard unixSocket != nil else {
                throw ValidationError("--listen none leaves no way in: name a --unix-socket")
            }
            let useless = [
                ("--token-file", tokenFile != nil), ("--tls-certificate", tlsCertificate != nil),
                ("--insecure-remote-control", insecureRemoteControl),
            ].first { $0.1 }
            if let useless { throw ValidationError("\(useless.0) is for TCP, and --listen none takes none") }
            return
        }
        guard !address.address.isLoopback, !insecureRemoteControl else { return }
        var missing: [String] = []
        if tokenFile == nil { missing.append("--token-file") }
        if tlsCertificate == nil { missing.append("--tls-certificate and --tls-key") }
        guard missing.isEmpty else {
            throw ValidationError(
                "--listen \(address): an address that is not loopback (127.0.0.0/8) needs "
                    + missing.joined(separator: ", ") + "; or say --insecure-remote-control and let everybody in")
        }
    }
}
