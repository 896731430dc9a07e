import Glibc
import JSONText
import LinuxSystem

/// Files that users name to be sent, and standard input as `-`.
enum InputFile {
    /// More than the service takes unless told otherwise.
    private static let limit = 1 << 30

    static func read(_ path: String, named option: String) throws(ClientFailure) -> [UInt8] {
        guard path != "-" else { return try content(of: STDIN_FILENO, named: "standard input") }
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            throw ClientFailure(.noInput, "\(option) \(path): it cannot be read: \(Errno(rawValue: errno))")
        }
        let file = FileDescriptor(adopting: number)
        return try content(of: file.rawValue, named: "\(option) \(path)")
    }

    /// Reads JSON, so that what is none is told with its place before anybody is asked.
    static func json(_ path: String, named option: String) throws(ClientFailure) -> JSONValue {
        let octets = try read(path, named: option)
        do throws(JSONError) {
            return try JSONParser.parse(octets)
        } catch {
            throw ClientFailure(.noInput, "\(option) \(path): this is not JSON: \(error)")
        }
    }

    private static func content(of descriptor: CInt, named name: String) throws(ClientFailure) -> [UInt8] {
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw ClientFailure(.noInput, "\(name): it cannot be read: \(Errno(rawValue: errno))")
            }
            guard count > 0 else { return octets }
            guard octets.count + count <= limit else {
                throw ClientFailure(.noInput, "\(name): it has more than \(limit) octets")
            }
            octets += buffer.prefix(count)
        }
    }
}
