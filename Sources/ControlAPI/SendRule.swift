import JSONText
import TCPWire

/// A rule of where segments may go and as whom, as a 403 names it for programs.
enum SendRule: String {
    case egress, multicast, broadcast, spoofing, sourceRoute

    /// The option of the daemon that allows it; `nil`: none does.
    var option: String? {
        switch self {
        case .egress, .multicast: "--allow-egress"
        case .spoofing: "--allow-spoofing"
        case .broadcast, .sourceRoute: nil
        }
    }

    /// What may be done about addresses that are not one host's.
    var remedy: String {
        switch self {
        case .multicast:
            "start segmentd with --allow-egress and a block within 224.0.0.0/4 to allow multicast addresses"
        default: "nothing may be sent to all hosts of a link"
        }
    }

    /// The members of a problem that say so: the option, where it would help, and the blocks that are allowed, where those
    /// decide.
    func members(_ allowed: [IPv4Prefix]? = nil, isAllowable: Bool = true) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("rule", .string(rawValue))]
        if isAllowable, let option { members.append(("option", .string(option))) }
        if let allowed { members.append(("allowed", .array(allowed.map { .string($0.description) }))) }
        return members
    }
}
