import LinuxSystem

/// How to give the service a capability that it lacks.
enum CapabilityAdvice {
    static func toGrant(_ capability: Capability) -> String {
        let short = capability.name.dropFirst("CAP_".count)
        return "give segmentd \(capability.name): start it as root, with AmbientCapabilities=\(capability.name) in its "
            + "systemd unit, or with cap_add: [\(short)] in a container"
    }
}
