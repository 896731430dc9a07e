import LinuxSystem

extension SegmentEngine {
    /// Puts guards in force that are more than a socket, and lets go of those whose endpoints are gone.
    mutating func commitGuards() {
        do throws(Errno) {
            try guards.commit()
        } catch {
            degradeGuarded(in: 0, because: error)
        }
    }

    /// Says of a network's endpoints whose guard is a firewall rule that they have none.
    mutating func degradeGuarded(in network: Int?, because error: Errno) {
        for case let endpoint? in slots where endpoint.activeGuard == .nftables && endpoint.network == network {
            degrade(endpoint, because: "the kernel did not take the firewall rule that guards it: \(error)")
        }
    }

    /// Finds out which guards can be had, unless that is known, and says so.
    mutating func probeGuards() {
        guard handle.health.guards == nil else { return }
        var states: [EngineHealth.GuardState] = []
        for kind in KernelGuard.byPreference {
            do throws(Errno) {
                try guards.probe(kind)
                states.append(EngineHealth.GuardState(kind: kind, error: nil))
            } catch {
                states.append(EngineHealth.GuardState(kind: kind, error: error))
            }
        }
        handle.health.publish(states)
        handle.health.publish(holdsPrivilegedPorts: PortReservation.canHoldPrivilegedPorts)
    }

    /// Counts the resets that the kernel sends, while there is an endpoint whose guard does not prevent them.
    ///
    /// Not at other times, because the kernel then copies every segment that leaves the host for the witness to
    /// pass over, which halves what can be sent.
    mutating func watchForResets(of endpoint: EndpointRuntime, with parts: EndpointParts?) {
        guard endpoint.activeGuard == .none else { return }
        networks[endpoint.network].unguardedEndpoints += 1
        guard networks[endpoint.network].witness == nil else { return }
        // Without CAP_NET_RAW the raw socket fails next, and says so.
        guard let socket = parts == nil ? try? ResetWitness() : parts?.takeWitness() else { return }
        let witness = EngineNetwork.Witness(socket)
        guard (try? epoll.add(witness.socket.descriptor, for: .readable, token: Token.witness)) != nil else { return }
        networks[endpoint.network].witness = witness
    }

    /// Counts them no longer for an endpoint's sake.
    mutating func ignoreResets(of endpoint: EndpointRuntime) {
        guard endpoint.activeGuard == .none else { return }
        networks[endpoint.network].unguardedEndpoints -= 1
        if networks[endpoint.network].unguardedEndpoints == 0 { networks[endpoint.network].witness = nil }
    }
}
