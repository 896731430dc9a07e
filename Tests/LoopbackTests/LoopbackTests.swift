import LinuxSystem
import Testing

/// Real raw sockets on the loopback device of a network namespace that is ours alone.
@Suite(
    .serialized, .enabled(if: Capability.netRaw.isEffective, "raw sockets need CAP_NET_RAW"), .timeLimit(.minutes(2)))
struct LoopbackTests {}
