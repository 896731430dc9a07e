import LinuxSystem

/// The file that holds the token to show the service.
enum TokenFile {
    private static let limit = 64 << 10

    /// Reads the token: the only line of the file that is neither empty nor a comment, with nothing else in it or,
    /// as in the service's own token file, after a name and a role.
    static func read(_ path: String, named option: String) throws(ClientFailure) -> String {
        let octets: [UInt8]
        do throws(SuppliedFile.Refusal) {
            octets = try SuppliedFile.read(path, limit: limit, isSecret: true)
        } catch {
            throw ClientFailure(.noInput, "\(option) \(path): \(error)")
        }
        // Nothing of the content is repeated: it may be a token in the wrong place.
        let lines = octets.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .map { $0.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
            .filter { $0.first.map { $0.first != UInt8(ascii: "#") } ?? false }
        guard lines.count == 1, let line = lines.first, let token = line.last, line.count == 1 || line.count == 3 else {
            let found = lines.count == 1 ? "its line is neither" : "it has \(lines.count) lines that are no comments"
            throw ClientFailure(
                .noInput, "\(option) \(path): one line is wanted, 'TOKEN' or 'NAME ROLE TOKEN'; \(found)")
        }
        guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ClientFailure(.noInput, "\(option) \(path): a token has visible ASCII characters only")
        }
        return String(decoding: token, as: UTF8.self)
    }
}
