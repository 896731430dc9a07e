import Glibc
import HTTPDaemon
import HTTPMessage
import Locking
import Synchronization
import Testing

/// A TCP connection to a loopback port, which gives up after five seconds of silence.
final class Client {
    struct Refused: Error {
        let code: CInt
    }

    private let descriptor: CInt
    private var received: [UInt8] = []

    /// Takes a socket that is connected.
    init(connected descriptor: CInt) {
        self.descriptor = descriptor
        setTimeout()
    }

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        setTimeout()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Refused(code: errno) }
    }

    deinit { close(descriptor) }

    private func setTimeout() {
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends octets; false when the connection is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send([UInt8](text.utf8)) }

    @discardableResult
    func send(_ octets: [UInt8]) -> Bool {
        var sent = 0
        while sent < octets.count {
            let count = unsafe octets.withUnsafeBytes { octets in
                unsafe Glibc.send(
                    descriptor, octets.baseAddress?.advanced(by: sent), octets.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Closes the connection at once, with a reset.
    func abort() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// Says that nothing more will be sent.
    func finishSending() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Reads what comes next; nothing at the end, after an error or a timeout.
    private func read() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received += buffer.prefix(count)
        return true
    }

    /// All that comes until the connection is closed; nothing when it stays open.
    func rest() -> String? {
        while true {
            errno = 0
            guard read() else { break }
        }
        let wasClosed = errno != EAGAIN
        defer { received = [] }
        return wasClosed ? String(decoding: received, as: UTF8.self) : nil
    }

    /// What comes up to some text, and that text; nothing when it does not come.
    func text(upTo end: String) -> String? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let range = text.firstRange(of: end) {
                let found = String(text[..<range.upperBound])
                received.removeFirst(found.utf8.count)
                return found
            }
            guard read() else { return nil }
        }
    }

    /// How many octets come up to some text, of which only the latest are kept; -1 when it does not come.
    func countOctets(upTo end: String) -> Int {
        var count = 0
        while !received.ends(with: end.utf8) {
            count += max(0, received.count - end.utf8.count)
            received = Array(received.suffix(end.utf8.count))
            guard read() else { return -1 }
        }
        defer { received = [] }
        return count + received.count
    }

    /// One response whose length is given; its head in full and its body.
    func response(withBody: Bool = true) -> (head: String, body: String)? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                let length = head.split(separator: "\r\n").compactMap { line in
                    line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
                }
                let start = text.utf8.distance(from: text.startIndex, to: end.upperBound)
                let count = withBody ? length.first ?? 0 : 0
                if received.count >= start + count {
                    let body = String(decoding: received[start..<start + count], as: UTF8.self)
                    received.removeFirst(start + count)
                    return (head, body)
                }
            }
            guard read() else { return nil }
        }
    }
}

extension String {
    /// The first line up to a line end.
    var firstLine: Substring { split(separator: "\r\n", maxSplits: 1).first ?? "" }

    func firstRange(of text: String) -> Range<Index>? { ranges(of: text).first }
}

extension Array where Element == UInt8 {
    fileprivate func ends(with end: String.UTF8View) -> Bool { suffix(end.count).elementsEqual(end) }
}

/// A number that threads share.
final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func increment() { count.wrappingAdd(1, ordering: .sequentiallyConsistent) }
}

/// Values that threads share.
final class Box<Value: Sendable>: Sendable {
    private let values = Locked<[Value]>([])
    func append(_ value: Value) { values.withLock { $0.append(value) } }
    func takeAll() -> [Value] {
        values.withLock { values in
            defer { values = [] }
            return values
        }
    }
    var count: Int { values.withLock { $0.count } }
}

/// Looks again and again, for at most so many seconds, whether something has come true.
func eventually(seconds: Double = 5, _ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if condition() { return true }
        usleep(1000)
    }
    return condition()
}

/// Runs work on a thread of its own.
func onThread(_ work: @escaping @Sendable () -> Void) -> pthread_t {
    final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var thread = pthread_t()
    unsafe pthread_create(
        &thread, nil,
        { context in
            if let context = unsafe context { unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        }, Unmanaged.passRetained(Work(work)).toOpaque())
    return thread
}

/// Answers a request by a responder.
typealias Answerer = @Sendable (HTTPRequest, HTTPResponder) -> Void

/// Answers with what it got.
let echo: Answerer = { request, responder in
    let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    let body = request.body.count > 100 ? "\(request.body.count)" : String(decoding: request.body, as: UTF8.self)
    let text = "\(request.method) \(request.path) \(query) \(body)"
    responder.respond(
        HTTPResponse(status: 200, headers: [HTTPField("Content-Type", "text/plain")], body: [UInt8](text.utf8)))
}

func start(
    _ answer: @escaping Answerer = echo, _ change: (inout HTTPDaemon.Configuration) -> Void = { _ in }
) throws -> HTTPDaemon {
    var configuration = HTTPDaemon.Configuration()
    change(&configuration)
    return try HTTPDaemon(configuration: configuration) { request in
        .later { responder in answer(request, responder) }
    }
}

func startEcho(_ change: (inout HTTPDaemon.Configuration) -> Void) throws -> HTTPDaemon {
    try start(echo, change)
}

/// The name of the calling thread.
func threadName() -> String {
    let file = unsafe open("/proc/thread-self/comm", O_RDONLY)
    defer { close(file) }
    var name = [UInt8](repeating: 0, count: 32)
    let count = unsafe read(file, &name, name.count)
    return String(decoding: name.prefix(max(0, count - 1)), as: UTF8.self)
}
