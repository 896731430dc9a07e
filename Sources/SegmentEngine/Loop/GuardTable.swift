import LinuxSystem
import TCPWire

/// The ports that are held and kept quiet, each shared by the endpoints that play it.
struct GuardTable {
    /// What acquiring a guard came to.
    struct Grant {
        var active: KernelGuard
        /// The port, chosen by the kernel where 0 was asked for.
        var port: UInt16
        var warning: String?
    }

    private final class Held {
        let reservation: PortReservation
        let kind: KernelGuard
        var holders = 1

        init(reservation: consuming PortReservation, kind: KernelGuard) {
            self.reservation = reservation
            self.kind = kind
        }
    }

    private var held: [TransportAddress: Held] = [:]

    /// Guards a port for one more endpoint.
    mutating func acquire(_ choice: GuardChoice, for local: TransportAddress) throws(EngineError) -> Grant {
        if let present = held[local], choice != .exactly(.none) {
            guard choice == .automatic || choice == .exactly(present.kind) else {
                throw .guardedOtherwise(local, present.kind)
            }
            present.holders += 1
            return Grant(active: present.kind, port: local.port)
        }
        var refusals: [(kind: KernelGuard, error: Errno)] = []
        for kind in candidates(for: choice) {
            do throws(Errno) {
                return try hold(local, kind)
            } catch .addressInUse {
                throw .portHeld(local)
            } catch .addressNotAvailable {
                throw .addressNotLocal(local.address)
            } catch {
                refusals.append((kind: kind, error: error))
            }
        }
        guard choice == .automatic, let last = refusals.last else {
            throw .guardUnavailable(wanted(by: choice), refusals.last?.error ?? .invalidArgument)
        }
        do throws(Errno) {
            var grant = try hold(local, .none)
            grant.warning = "no guard could be had (\(last.kind): \(last.error)): the kernel resets what arrives"
            return grant
        } catch {
            throw .guardUnavailable(last.kind, last.error)
        }
    }

    /// Lets go of a guard that was acquired.
    mutating func release(_ active: KernelGuard, of local: TransportAddress) {
        guard active != .none, let present = held[local] else { return }
        present.holders -= 1
        if present.holders == 0 {
            held[local] = nil
        }
    }

    private func candidates(for choice: GuardChoice) -> [KernelGuard] {
        switch choice {
        case .automatic: [.listener, .md5]
        case .exactly(let kind): [kind]
        }
    }

    private func wanted(by choice: GuardChoice) -> KernelGuard {
        switch choice {
        case .automatic: .listener
        case .exactly(let kind): kind
        }
    }

    private mutating func hold(_ local: TransportAddress, _ kind: KernelGuard) throws(Errno) -> Grant {
        guard kind != .none || local.port == 0 else { return Grant(active: .none, port: local.port) }
        let silence: PortReservation.Silence =
            switch kind {
            case .listener: .filter
            case .md5: .md5
            case .none: .none
            }
        let reservation = try PortReservation(
            address: local.address.rawValue, port: local.port, silence: silence)
        let port = reservation.port
        // Without a guard the reservation only served to find a free port.
        if kind != .none {
            held[TransportAddress(address: local.address, port: port)] = Held(reservation: reservation, kind: kind)
        }
        return Grant(active: kind, port: port)
    }
}
