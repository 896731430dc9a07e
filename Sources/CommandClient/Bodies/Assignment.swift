import ArgumentParser
import JSONText

/// A member of a body by its path, as in `ip.dscp=8`.
struct Assignment: Equatable {
    let path: [String]
    let value: JSONValue

    /// Reads a path and a value; a value that is not JSON is a string.
    static func parse(_ argument: String) throws -> Assignment {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 2, path.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("'\(argument)' is not FIELD=VALUE such as window=0 or ip.dscp=8")
        }
        let text = String(parts[1])
        let value = (try? JSONParser.parse([UInt8](text.utf8))) ?? .string(text)
        return Assignment(path: path, value: value)
    }
}
