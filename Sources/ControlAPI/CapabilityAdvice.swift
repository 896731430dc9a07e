import LinuxSystem

/// How to give the service capabilities that it lacks.
enum CapabilityAdvice {
    static func toGrant(_ capabilities: Capability...) -> String {
        let names = capabilities.map(\.name)
        let short = names.map { $0.dropFirst("CAP_".count) }.joined(separator: ", ")
        return "give segmentd \(names.joined(separator: " and ")): start it as root, "
            + "with AmbientCapabilities=\(names.joined(separator: " ")) in its systemd unit, "
            + "or with cap_add: [\(short)] in a container"
    }
}
