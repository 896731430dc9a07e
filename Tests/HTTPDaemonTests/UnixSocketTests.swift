import AccessControl
import CMicroHTTPD
import Glibc
import HTTPDaemon
import HTTPMessage
import Testing

/// The API on a Unix socket, beside TCP or instead.
@Suite(.timeLimit(.minutes(2))) struct UnixSocketTests {
    private let directory = Directory()

    private func startUnix(
        address: UInt32? = nil, group: UInt32? = nil, access: HTTPDaemon.AccessPolicy = HTTPDaemon.AccessPolicy(),
        _ answer: @escaping Answerer = echo
    ) throws -> HTTPDaemon {
        var configuration = HTTPDaemon.Configuration(address: address)
        configuration.unixSocket = HTTPDaemon.UnixSocket(path: directory.socket, group: group)
        return try HTTPDaemon(configuration: configuration, access: access) { request in
            .later { responder in answer(request, responder) }
        }
    }

    private static func get(_ client: Client, host: String = "localhost", _ rest: String = "") -> String? {
        client.send("GET /a HTTP/1.1\r\nHost: \(host)\r\n\(rest)\r\n")
        return client.response()?.body
    }

    @Test func servesUserAndFileIsTheirs() throws {
        let daemon = try startUnix()
        #expect(daemon.port == 0)
        let status = try #require(Directory.status(directory.socket))
        #expect(status.st_mode & 0o7777 == 0o600 && status.st_mode & S_IFMT == S_IFSOCK)
        #expect(status.st_uid == geteuid())
        let client = try Client.unix(directory.socket)
        for _ in 0..<3 { #expect(Self.get(client) == "GET [\"a\"]  ") }
    }

    @Test func servesBothSidesAtOnce() throws {
        let names = Box<String>()
        let daemon = try startUnix(address: 0x7F00_0001) { request, responder in
            names.append(threadName())
            echo(request, responder)
        }
        let (tcp, unix) = (try Client(port: daemon.port), try Client.unix(directory.socket))
        for _ in 0..<2 {
            #expect(Self.get(tcp) == "GET [\"a\"]  ")
            #expect(Self.get(unix) == "GET [\"a\"]  ")
        }
        #expect(names.takeAll() == ["http", "http-unix", "http", "http-unix"])
    }

    @Test func removesItsFileWhenItStops() throws {
        let daemon = try startUnix()
        daemon.stop()
        #expect(Directory.status(directory.socket) == nil)
    }

    @Test func leavesAFileThatIsNotItsOwn() throws {
        let daemon = try startUnix()
        #expect(unsafe rename(directory.socket, directory.path + "/other") == 0)
        let file = unsafe open(directory.socket, O_CREAT | O_WRONLY, 0o600)
        close(file)
        daemon.stop()
        #expect(Directory.status(directory.socket) != nil)
    }

    @Test func takesOverASocketOnWhichNobodyAnswers() throws {
        let stale = cmicrohttpd_unix_socket()
        #expect(unsafe cmicrohttpd_bind_path(stale, directory.socket) == 0)
        close(stale)
        let daemon = try startUnix()
        #expect(Self.get(try Client.unix(directory.socket)) == "GET [\"a\"]  ")
        daemon.stop()
    }

    @Test func leavesASocketOnWhichSomebodyAnswers() throws {
        let first = try startUnix()
        let error = #expect(throws: HTTPDaemon.StartError.self) { _ = try startUnix() }
        #expect(error?.description == "cannot listen on \(directory.socket): another program answers there")
        #expect(Self.get(try Client.unix(directory.socket)) == "GET [\"a\"]  ")
        first.stop()
    }

    /// One whose queue of connections is full does not answer, and is there all the same.
    @Test func leavesASocketThatIsTooBusyToAnswer() throws {
        let busy = cmicrohttpd_unix_socket()
        defer { close(busy) }
        #expect(unsafe cmicrohttpd_bind_path(busy, directory.socket) == 0)
        #expect(listen(busy, 0) == 0)
        let waiting = try Client.unix(directory.socket)
        let error = #expect(throws: HTTPDaemon.StartError.self) { _ = try startUnix() }
        #expect(error?.description == "cannot listen on \(directory.socket): another program answers there")
        waiting.finishSending()
    }

    /// Of two that look at the same file, one waits for the other, so that none removes what the other has just made.
    @Test func takesTurnsWithOthersInTheDirectory() throws {
        let lock = unsafe open(directory.path, O_RDONLY | O_DIRECTORY)
        #expect(flock(lock, LOCK_EX) == 0)
        let error = #expect(throws: HTTPDaemon.StartError.self) { _ = try startUnix() }
        #expect(
            error?.description
                == "cannot listen on \(directory.socket): another program holds a lock on \(directory.path)")
        #expect(Directory.status(directory.socket) == nil)
        close(lock)
        _ = try startUnix()
    }

    @Test func leavesWhatIsNoSocket() throws {
        let file = unsafe open(directory.socket, O_CREAT | O_WRONLY, 0o600)
        close(file)
        let error = #expect(throws: HTTPDaemon.StartError.self) { _ = try startUnix() }
        #expect(
            error?.description
                == "cannot listen on \(directory.socket): it is there and is not a socket, so it is left alone")
        #expect(Directory.status(directory.socket)?.st_mode ?? 0 & S_IFMT != S_IFSOCK)
    }

    @Test func refusesADirectoryThatIsEverybodys() throws {
        #expect(unsafe chmod(directory.path, 0o777) == 0)
        let error = #expect(throws: HTTPDaemon.StartError.self) { _ = try startUnix() }
        #expect(
            error?.description == "cannot listen on \(directory.socket): everybody may replace files in "
                + "\(directory.path); take a directory of your own")
        #expect(unsafe chmod(directory.path, 0o1777) == 0)
        _ = try startUnix()
    }

    @Test func saysWhyThereIsNoFile() throws {
        var configuration = HTTPDaemon.Configuration(address: nil)
        configuration.unixSocket = HTTPDaemon.UnixSocket(path: "/nowhere/at/all")
        let error = #expect(throws: HTTPDaemon.StartError.self) {
            _ = try HTTPDaemon(configuration: configuration) { _ in .now(HTTPResponse(status: 204)) }
        }
        #expect(error?.description == "cannot listen on /nowhere/at/all: No such file or directory")
    }

    @Test func lettingAGroupInOpensTheFileToIt() throws {
        let daemon = try startUnix(group: getegid())
        let status = try #require(Directory.status(directory.socket))
        #expect(status.st_mode & 0o7777 == 0o660 && status.st_gid == getegid())
        daemon.stop()
    }

    @Test func takesTheNamesOfThisMachineWithAnyPort() throws {
        let daemon = try startUnix(address: 0x7F00_0001)
        for (host, isServed) in [
            ("localhost", true), ("localhost:8080", true), ("127.0.0.1:1", true), ("example.org", false),
            ("0.0.0.0", false),
        ] {
            let client = try Client.unix(directory.socket)
            #expect((Self.get(client, host: host) == "GET [\"a\"]  ") == isServed, "\(host)")
        }
        let client = try Client.unix(directory.socket)
        #expect(Self.get(client, "Origin: http://example.org\r\n")?.contains("/problems/foreign-origin") == true)
        daemon.stop()
    }

    @Test func theKernelVouchesInsteadOfAToken() throws {
        let token = String(repeating: "r", count: 32)
        let access = HTTPDaemon.AccessPolicy(
            tokens: try TokenTable([UInt8]("ci read \(token)".utf8)),
            requirement: { method, _ in .role(method == "GET" ? .read : .control) })
        let daemon = try startUnix(address: 0x7F00_0001, access: access)
        #expect(Self.get(try Client.unix(directory.socket)) == "GET [\"a\"]  ")
        #expect(Self.get(try Client(port: daemon.port))?.contains("/problems/token-missing") == true)
        // Who shows a token is taken at its word.
        #expect(
            Self.get(try Client.unix(directory.socket), "Authorization: Bearer x\r\n")?
                .contains("/problems/token-wrong") == true)
        let client = try Client.unix(directory.socket)
        client.send("PUT /a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n")
        #expect(client.response()?.body.contains("/problems/role-insufficient") == true)
        daemon.stop()
    }

    @Test func countsConnectionsOfEachSide() throws {
        var configuration = HTTPDaemon.Configuration()
        configuration.connectionLimit = 1
        configuration.unixSocket = HTTPDaemon.UnixSocket(path: directory.socket)
        let daemon = try HTTPDaemon(configuration: configuration) { request in
            .later { responder in echo(request, responder) }
        }
        let first = try Client(port: daemon.port)
        #expect(Self.get(first) == "GET [\"a\"]  ")
        #expect(Self.get(try Client(port: daemon.port))?.contains("too-many-connections") == true)
        let other = try Client.unix(directory.socket)
        #expect(Self.get(other) == "GET [\"a\"]  ")
        #expect(Self.get(try Client.unix(directory.socket))?.contains("too-many-connections") == true)
    }
}
