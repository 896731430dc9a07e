import ArgumentParser
import JSONText

/// Names of TCP flags with commas between, as in `SYN,ACK`; `none` for a segment without any.
enum FlagNames {
    static let all = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"]

    static func parse(_ argument: String) throws -> [String] {
        guard argument != "none" else { return [] }
        return try argument.split(separator: ",", omittingEmptySubsequences: false).map { name in
            let flag = name.uppercased()
            guard all.contains(flag) else {
                throw ValidationError("'\(name)' is none of \(all.joined(separator: ", ")), nor is all of it 'none'")
            }
            return flag
        }
    }
}
