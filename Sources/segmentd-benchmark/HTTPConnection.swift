import CFloor
import JSONText
import LinuxSystem

/// One HTTP connection, asked one thing after the other.
final class HTTPConnection {
    private static let capacity = 64 << 20

    private let descriptor: FileDescriptor
    private let port: UInt16
    private var answer: [CChar] = [CChar](repeating: 0, count: 65_536)

    init(port: UInt16) throws(BenchmarkError) {
        let fd = cfloor_connect(port)
        guard fd >= 0 else { throw .system("a connection to port \(port)", .last) }
        descriptor = FileDescriptor(adopting: fd)
        self.port = port
    }

    /// Makes room for an answer of many octets.
    func expectLargeAnswer() {
        answer = [CChar](repeating: 0, count: Self.capacity)
    }

    /// Asks, and answers the status and the length of the body.
    @discardableResult
    func exchange(
        _ method: String, _ target: String, body: String? = nil
    ) throws(BenchmarkError) -> (status: Int, length: Int) {
        try send(Self.request(method, target, port: port, body: body))
    }

    /// Asks for something that is answered with 200 and JSON.
    func json(_ target: String) throws(BenchmarkError) -> JSONValue {
        let (status, length) = try exchange("GET", target)
        let octets = answer.map { UInt8(bitPattern: $0) }
        guard status == 200, let head = octets.firstRange(of: Array("\r\n\r\n".utf8)),
            let value = try? JSONParser.parse(Array(octets[head.upperBound...].prefix(length)))
        else { throw .unexpected("GET \(target) was answered by \(status), or without JSON") }
        return value
    }

    /// Sends a request that is written already.
    @discardableResult
    func send(_ request: [CChar]) throws(BenchmarkError) -> (status: Int, length: Int) {
        var length = 0
        let status = unsafe cfloor_exchange(
            descriptor.rawValue, request, request.count, &answer, answer.count, &length)
        guard status > 0 else { throw .system("an answer on port \(port)", .last) }
        return (status: Int(status), length: length)
    }

    /// A request's octets.
    static func request(_ method: String, _ target: String, port: UInt16, body: String? = nil) -> [CChar] {
        let length = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
        let text = "\(method) \(target) HTTP/1.1\r\nHost: localhost:\(port)\r\n\(length)\r\n\(body ?? "")"
        return text.utf8.map { CChar(bitPattern: $0) }
    }
}
