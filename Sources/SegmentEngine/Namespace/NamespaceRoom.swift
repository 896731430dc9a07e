import LinuxSystem
import TCPWire

/// A network namespace as the helper works in it; for its thread only.
final class NamespaceRoom {
    /// When its addresses are to be looked at.
    enum Inspection {
        case none
        /// At a time of the monotonic clock, and perhaps once more after that.
        case due(at: UInt64, isLast: Bool)
    }

    /// The service's own is 0.
    let number: UInt64
    /// `nil`: the service's own.
    let name: String?
    let namespace: NetworkNamespace
    var guards: GuardTable
    /// `nil` where the kernel or a sandbox offers none.
    private let watch: AddressWatch?
    /// How many endpoints have parts that were opened here.
    var users = 0
    /// The addresses that endpoints play, and how many play each.
    private(set) var addresses: [IPv4Address: Int] = [:]
    var inspection = Inspection.none
    /// Whether the removal of its name is heard of.
    var isNameWatched = true
    /// Whether its name is gone, or another's.
    var isGone = false

    /// The namespace that the calling thread is in.
    init(
        number: UInt64, name: String?, namespace: consuming NetworkNamespace, spareDescriptors: Int
    ) {
        self.number = number
        self.name = name
        self.namespace = namespace
        watch = try? AddressWatch()
        guards = GuardTable(spareDescriptors: spareDescriptors)
    }

    /// Whether changes of its addresses are heard of.
    var isWatched: Bool { watch != nil }

    /// Has an epoll instance report changes under a token, and forgets those that were before.
    func hearChanges(by epoll: borrowing EpollInstance, token: UInt64) {
        switch watch {
        case .some(let watch):
            watch.takeChanges()
            try? epoll.add(watch.descriptor, for: .readable, token: token)
        case nil: break
        }
    }

    /// Has it report none any more.
    func ignoreChanges(by epoll: borrowing EpollInstance) {
        switch watch {
        case .some(let watch): try? epoll.remove(watch.descriptor)
        case nil: break
        }
    }

    /// Notes that one more endpoint plays an address, or one fewer.
    func count(_ address: IPv4Address, isPlayed: Bool) {
        let players = (addresses[address] ?? 0) + (isPlayed ? 1 : -1)
        addresses[address] = players > 0 ? players : nil
    }
}
