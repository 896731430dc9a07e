import ArgumentParser
import JSONText

/// Address and port of an endpoint: `10.0.0.1:80`, or one of both.
struct AddressText: Equatable {
    /// The member that it becomes; `null` for any peer.
    let value: JSONValue

    static func parse(_ argument: String) throws -> AddressText {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        let isPortAlone = parts.count == 1 && parts[0].allSatisfy(\.isNumber)
        var object = JSONObject()
        if !isPortAlone, let address = parts.first, !(address.isEmpty && parts.count == 2) {
            guard isDotted(address) else { throw refusal(of: argument) }
            object.set("address", .string(String(address)))
        }
        if isPortAlone || parts.count == 2 {
            guard let last = parts.last, let port = UInt16(last) else { throw refusal(of: argument) }
            object.set("port", .number(JSONNumber(port)))
        }
        guard (1...2).contains(parts.count), !object.members.isEmpty else { throw refusal(of: argument) }
        return AddressText(value: .object(object))
    }

    /// The same for a remote, which may be anybody.
    static func parseRemote(_ argument: String) throws -> AddressText {
        argument == "any" ? AddressText(value: .null) : try parse(argument)
    }

    private static func isDotted(_ text: Substring) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil && ($0 == "0" || $0.first != "0") }
    }

    private static func refusal(of argument: String) -> ValidationError {
        ValidationError("'\(argument)' is not ADDRESS:PORT such as 127.0.0.1:50000, nor one of both")
    }
}
