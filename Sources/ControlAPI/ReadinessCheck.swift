import JSONText
import LinuxSystem
import SegmentEngine
import StateStore

/// One thing that must be as it should for the service to do its work, or to do it well.
struct ReadinessCheck {
    var name: String
    var isOK: Bool
    /// Whether the service is of no use without it.
    var isRequired: Bool
    var detail: String
    /// What to do when it is not as it should be.
    var remedy: String?

    var json: JSONValue {
        .object([
            "name": .string(name), "ok": .bool(isOK), "detail": .string(detail),
            "remedy": remedy.map(JSONValue.string) ?? .null,
        ])
    }

    static func engine(turns: Bool) -> ReadinessCheck {
        ReadinessCheck(
            name: "engine", isOK: turns, isRequired: true,
            detail: turns ? "the engine turns" : "the engine did not answer in time",
            remedy: turns ? nil : "look at the log, and restart segmentd")
    }

    /// All that can be told without asking the engine.
    static func known(of engine: EngineHandle, _ state: StateJournal?) -> [ReadinessCheck] {
        [rawSocket(engine.health.rawSocket)]
            + receiveBuffer(engine.health.rawSocket, wanted: engine.configuration.receiveBufferOctets)
            + guards(engine.health.guards)
            + privilegedPorts(engine.health.holdsPrivilegedPorts)
            + portHolders(engine.health.namesAllPortHolders)
            + namespaces(engine.health.namespaces)
            + self.state(of: state)
    }

    /// Whether changes reach the state file, if there is one.
    static func state(of journal: StateJournal?) -> [ReadinessCheck] {
        guard let journal else { return [] }
        let failure = journal.failure
        return [
            ReadinessCheck(
                name: "state", isOK: failure == nil, isRequired: true,
                detail: failure.map { "changes cannot be kept in \(journal.path): \($0)" }
                    ?? "changes are kept in \(journal.path)",
                remedy: failure?.remedy)
        ]
    }

    static func rawSocket(_ state: EngineHealth.RawSocket?) -> ReadinessCheck {
        switch state {
        case .usable:
            ReadinessCheck(name: "rawSocket", isOK: true, isRequired: true, detail: "a raw socket can be opened")
        case .unusable(let error):
            ReadinessCheck(
                name: "rawSocket", isOK: false, isRequired: true, detail: "a raw socket cannot be opened: \(error)",
                remedy: error == .notPermitted ? CapabilityAdvice.toGrant(.netRaw) : nil)
        case nil:
            ReadinessCheck(name: "rawSocket", isOK: false, isRequired: true, detail: "not tried yet")
        }
    }

    /// Which guards there are: none is required, but without any the kernel resets crafted connections.
    static func guards(_ states: [EngineHealth.GuardState]?) -> [ReadinessCheck] {
        (states ?? []).map { state in
            let name = state.kind.rawValue
            guard let error = state.error else {
                return ReadinessCheck(
                    name: "guard.\(name)", isOK: true, isRequired: false, detail: "the guard \(name) can be had")
            }
            return ReadinessCheck(
                name: "guard.\(name)", isOK: false, isRequired: false,
                detail: "the guard \(name) cannot be had: \(error)",
                remedy: error == .notPermitted ? CapabilityAdvice.toGrant(.netAdmin) : nil)
        }
    }

    /// Whether it can be told which program holds a port, whoever's it is.
    static func portHolders(_ areNamed: Bool?) -> [ReadinessCheck] {
        guard let areNamed else { return [] }
        return [
            ReadinessCheck(
                name: "portHolders", isOK: areNamed, isRequired: false,
                detail: areNamed
                    ? "programs that hold ports are named" : "programs of other users that hold ports are not named",
                remedy: areNamed
                    ? nil
                    : "where that is wanted, leave out --without port-holders, and "
                        + CapabilityAdvice.toGrant(.sysPtrace, .dacReadSearch))
        ]
    }

    /// Whether the guards `listener` and `md5` can be had for ports that are not everybody's.
    static func privilegedPorts(_ canBeHeld: Bool?) -> [ReadinessCheck] {
        guard let canBeHeld else { return [] }
        return [
            ReadinessCheck(
                name: "privilegedPorts", isOK: canBeHeld, isRequired: false,
                detail: canBeHeld
                    ? "ports below 1024 can be held" : "ports below net.ipv4.ip_unprivileged_port_start cannot be held",
                remedy: canBeHeld ? nil : CapabilityAdvice.toGrant(.netBindService))
        ]
    }

    /// Whether endpoints can play in other network namespaces.
    static func namespaces(_ state: EngineHealth.Namespaces?) -> [ReadinessCheck] {
        guard let state else { return [] }
        let (isOK, detail, remedy): (Bool, String, String?) =
            switch state {
            case .usable: (true, "endpoints can play in other network namespaces", nil)
            case .off: (true, "turned off by --without namespaces", nil)
            case .unusable(let error):
                (
                    false, "other network namespaces cannot be entered: \(error)",
                    error == .notPermitted ? CapabilityAdvice.toGrant(.sysAdmin) : nil
                )
            }
        return [
            ReadinessCheck(name: "namespaces", isOK: isOK, isRequired: false, detail: detail, remedy: remedy)
        ]
    }

    /// Whether the receive buffer is as large as asked; it works with less, but bursts are lost sooner.
    static func receiveBuffer(_ state: EngineHealth.RawSocket?, wanted: Int) -> [ReadinessCheck] {
        guard case .usable(let granted) = state else { return [] }
        let isOK = granted >= wanted
        return [
            ReadinessCheck(
                name: "receiveBuffer", isOK: isOK, isRequired: false,
                detail: "\(granted) of \(wanted) octets were granted",
                remedy: isOK ? nil : "sysctl -w net.core.rmem_max=\(wanted), or \(CapabilityAdvice.toGrant(.netAdmin))")
        ]
    }
}
