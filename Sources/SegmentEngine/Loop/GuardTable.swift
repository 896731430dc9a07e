import LinuxSystem
import TCPWire

/// The ports that are held and kept quiet, each shared by the endpoints that play it.
struct GuardTable: ~Copyable {
    /// What acquiring a guard came to.
    struct Grant {
        var active: KernelGuard
        /// The port, chosen by the kernel where 0 was asked for.
        var port: UInt16
        var warning: String?
        /// Guards that would have been preferred.
        var refusals: [GuardRefusal] = []
    }

    private final class Held {
        let reservation: PortReservation?
        let grant: Grant
        var holders = 1

        init(reservation: consuming PortReservation?, grant: Grant) {
            self.reservation = reservation
            self.grant = grant
        }
    }

    /// How many descriptors listeners leave to others.
    private let spareDescriptors: Int
    private var held: [TransportAddress: Held] = [:]
    private var suppressed = SuppressedResets()

    init(spareDescriptors: Int) {
        self.spareDescriptors = spareDescriptors
    }

    /// Guards a port for one more endpoint; in force after ``commit()``.
    mutating func acquire(_ choice: GuardChoice, for local: TransportAddress) throws(EngineError) -> Grant {
        if let present = held[local], choice != .exactly(.none) {
            guard choice == .automatic || choice == .exactly(present.grant.active) else {
                throw .guardedOtherwise(local, present.grant.active)
            }
            present.holders += 1
            return present.grant
        }
        switch choice {
        case .automatic: return try acquireBest(for: local)
        case .exactly(let kind):
            do throws(Errno) {
                return try hold(local, kind, refusals: [])
            } catch {
                throw Self.error(error, holding: local) ?? .guardUnavailable(kind, error)
            }
        }
    }

    /// Lets go of a guard that was acquired; in force after ``commit()``.
    mutating func release(_ active: KernelGuard, of local: TransportAddress) {
        guard active != .none, let present = held[local] else { return }
        present.holders -= 1
        guard present.holders == 0 else { return }
        held[local] = nil
        if present.grant.active == .nftables { suppressed.remove(local) }
    }

    /// Finds out whether a guard can be had, at any address and port.
    mutating func probe(_ kind: KernelGuard) throws(Errno) {
        let any = TransportAddress(address: .any, port: 0)
        switch kind {
        case .listener: _ = try reservation(of: any, .filter)
        case .md5: _ = try reservation(of: any, .md5)
        case .nftables: try suppressed.probe()
        case .none: break
        }
    }

    /// Puts in force what guards need besides their sockets.
    ///
    /// - Throws: why ports whose guard is `nftables` are not guarded.
    mutating func commit() throws(Errno) {
        try suppressed.commit()
    }

    private mutating func acquireBest(for local: TransportAddress) throws(EngineError) -> Grant {
        var refusals: [GuardRefusal] = []
        for kind in KernelGuard.byPreference {
            do throws(Errno) {
                return try hold(local, kind, refusals: refusals)
            } catch {
                if let fatal = Self.error(error, holding: local) { throw fatal }
                refusals.append(GuardRefusal(kind: kind, error: error))
            }
        }
        do throws(Errno) {
            var grant = try hold(local, .none, refusals: refusals)
            let reasons = refusals.map { "\($0.kind): \($0.error)" }.joined(separator: "; ")
            grant.warning = "no guard could be had (\(reasons)): the kernel resets what arrives"
            return grant
        } catch {
            throw Self.error(error, holding: local) ?? .guardUnavailable(.none, error)
        }
    }

    /// The error that no other guard would avert; `nil` where one might.
    private static func error(_ error: Errno, holding local: TransportAddress) -> EngineError? {
        switch error {
        case .addressInUse: .portHeld(local)
        case .addressNotAvailable: .addressNotLocal(local.address)
        default: nil
        }
    }

    private mutating func hold(
        _ local: TransportAddress, _ kind: KernelGuard, refusals: [GuardRefusal]
    ) throws(Errno) -> Grant {
        switch kind {
        case .listener: return try listen(local, .filter, kind, refusals)
        case .md5: return try listen(local, .md5, kind, refusals)
        case .nftables: return try suppressResets(of: local, refusals)
        case .none:
            // The reservation only serves to find a free port.
            let port = local.port == 0 ? try reservation(of: local, .none).port : local.port
            return Grant(active: .none, port: port, refusals: refusals)
        }
    }

    private mutating func listen(
        _ local: TransportAddress, _ silence: PortReservation.Silence, _ kind: KernelGuard, _ refusals: [GuardRefusal]
    ) throws(Errno) -> Grant {
        let reservation = try reservation(of: local, silence)
        // Without descriptors to spare, the API could take no connection any more.
        guard reservation.leavesDescriptors(spareDescriptors) else { throw .tooManyOpenFiles }
        let grant = Grant(active: kind, port: reservation.port, refusals: refusals)
        held[TransportAddress(address: local.address, port: grant.port)] = Held(
            reservation: reservation, grant: grant)
        return grant
    }

    private mutating func suppressResets(
        of local: TransportAddress, _ refusals: [GuardRefusal]
    ) throws(Errno) -> Grant {
        try suppressed.prepare()
        var grant = Grant(active: .nftables, port: local.port, refusals: refusals)
        var reservation: PortReservation?
        do throws(Errno) {
            let found = try self.reservation(of: local, .none)
            grant.port = found.port
            // A port that was chosen is kept; one that was named may be shared with whoever comes.
            if local.port == 0 { reservation = consume found }
        } catch .addressInUse where local.port != 0 {
            grant.warning =
                "\(local) is in use by another socket of this host, which hears and answers what arrives too; "
                + "only resets are kept back"
        }
        let place = TransportAddress(address: local.address, port: grant.port)
        held[place] = Held(reservation: reservation, grant: grant)
        suppressed.add(place)
        return grant
    }

    private func reservation(
        of local: TransportAddress, _ silence: PortReservation.Silence
    ) throws(Errno) -> PortReservation {
        try PortReservation(address: local.address.rawValue, port: local.port, silence: silence)
    }
}
