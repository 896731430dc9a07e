import ArgumentParser
import Glibc

/// Where the service is and who asks.
struct ConnectionOptions: ParsableArguments {
    private static let usualURL = "http://127.0.0.1:8080"
    private static let longestSocketPath = 107

    @Option(help: .init("Where the service is. (default: $SEGMENTD_URL, or \(Self.usualURL))", valueName: "url"))
    var url: String?

    @Option(
        help: .init("A Unix socket to reach it by. (default: $SEGMENTD_UNIX_SOCKET)", valueName: "path"),
        completion: .file())
    var unixSocket: String?

    @Option(
        help: .init("A file with the token to show. (default: $SEGMENTD_TOKEN_FILE)", valueName: "path"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: .init(
            "PEM certificates to trust instead of the system's. (default: $SEGMENTD_CACERT)", valueName: "path"),
        completion: .file(extensions: ["pem", "crt"]))
    var cacert: String?

    @Option(
        help: .init("How long an answer may take, besides what it waits for. (default: 10s)", valueName: "duration"),
        transform: WaitTime.parse)
    var timeout = WaitTime(milliseconds: 10_000)

    mutating func validate() throws {
        if let url { try Self.check(url, "--url") }
        if let unixSocket { try Self.check(socket: unixSocket, "--unix-socket") }
        guard timeout.milliseconds > 0 else { throw ValidationError("--timeout \(timeout.text) is no time at all") }
        // What is said on the command line is meant, whatever the environment says.
        guard url == nil || unixSocket == nil || url?.hasPrefix("http://") == true else {
            throw ValidationError("--unix-socket has no TLS: --url begins with http://, or is left out")
        }
    }

    /// The service that is meant, with what the environment says where the options say nothing.
    func client() throws(ClientFailure) -> ServiceClient {
        do {
            let socket =
                try unixSocket ?? (url == nil ? Self.environment("SEGMENTD_UNIX_SOCKET", Self.check(socket:_:)) : nil)
            let address =
                try url ?? (socket == nil ? Self.environment("SEGMENTD_URL", Self.check(_:_:)) : "http://localhost")
            let file =
                tokenFile.map { ($0, "--token-file") }
                ?? Self.variable("SEGMENTD_TOKEN_FILE").map { ($0, "SEGMENTD_TOKEN_FILE") }
            return ServiceClient(
                base: Self.trimmed(address ?? Self.usualURL), unixSocket: socket,
                token: try file.map { file in try TokenFile.read(file.0, named: file.1) },
                authorities: cacert ?? Self.variable("SEGMENTD_CACERT"), timeout: timeout)
        } catch let failure as ClientFailure {
            throw failure
        } catch {
            throw ClientFailure(.usage, "\(error)")
        }
    }

    private static func environment(_ name: String, _ check: (String, String) throws -> Void) throws -> String? {
        guard let value = variable(name) else { return nil }
        try check(value, name)
        return value
    }

    private static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func trimmed(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    private static func check(_ url: String, _ name: String) throws {
        let rest = ["http://", "https://"].compactMap { url.hasPrefix($0) ? url.dropFirst($0.count) : nil }.first
        guard let rest, let first = rest.first, first != "/", !rest.contains(where: { "?#@ ".contains($0) }),
            !rest.dropLast().contains("/")
        else {
            throw ValidationError("\(name) '\(url)' is not a URL such as \(usualURL) or https://bench.example:8443")
        }
    }

    private static func check(socket: String, _ name: String) throws {
        guard (1...longestSocketPath).contains(socket.utf8.count) else {
            throw ValidationError("\(name) '\(socket)': a path may have 1 to \(longestSocketPath) octets")
        }
    }
}
