package import LinuxSystem
import TCPWire

/// The thread's worth of work that opens sockets in other network namespaces for the engine, and watches all of them.
///
/// It alone moves between namespaces: what a thread opens belongs for good to the one it is in, while the engine's
/// thread never leaves the service's own. It also looks for the programs that hold ports, and has the kernel provide
/// memory, which takes too long for the engine. It sleeps while nothing is asked and nothing changes. Made on the thread that runs it.
package struct NamespaceHelper: ~Copyable {
    enum Token {
        static let requests: UInt64 = 0
        static let directory: UInt64 = 1
        /// Rooms have this and what follows.
        static let firstRoom: UInt64 = 2
    }

    let handle: EngineHandle
    let epoll: EpollInstance
    /// Tells of names that come and go.
    ///
    /// `nil` where the kernel or a sandbox offers none.
    let directory: DirectoryWatch?
    /// The namespace that the thread is in, by its room.
    private var place: UInt64 = 0
    let home: NamespaceRoom
    /// The rooms of other namespaces, by their numbers.
    var rooms: [UInt64: NamespaceRoom] = [:]
    private var nextRoom: UInt64 = 1

    /// A helper at work in the calling thread's namespace.
    package init(handle: EngineHandle) throws(Errno) {
        let epoll = try EpollInstance()
        let directory = try? DirectoryWatch()
        let home = NamespaceRoom(
            number: 0, name: nil, namespace: try NetworkNamespace.current(),
            spareDescriptors: handle.configuration.spareDescriptors)
        try epoll.add(handle.namespaces.requests.notifier.descriptor, for: .readable, token: Token.requests)
        switch directory {
        case .some(let directory): try epoll.add(directory.descriptor, for: .readable, token: Token.directory)
        case nil: break
        }
        home.hearChanges(by: epoll, token: Token.firstRoom)
        self.handle = handle
        self.epoll = epoll
        self.directory = directory
        self.home = home
    }

    /// Works until it is shut down, or until a system call fails that never should.
    package mutating func run() throws(Errno) {
        publishAbility()
        var ready: [EpollInstance.Ready] = []
        var isRunning = true
        while isRunning {
            try epoll.wait(milliseconds: millisecondsToInspection, into: &ready)
            for report in ready {
                switch report.token {
                case Token.requests: isRunning = try obeyRequests()
                case Token.directory: noticeNames()
                default: noticeChange(ofRoom: report.token - Token.firstRoom)
                }
            }
            inspectDueRooms()
        }
    }

    /// Finds out what it may do; whether other namespaces can be entered, by entering the one that it is in.
    private func publishAbility() {
        handle.health.publish(
            namesAllPortHolders: Capability.sysPtrace.isEffective && Capability.dacReadSearch.isEffective)
        guard handle.configuration.usesNamespaces else { return handle.health.publish(namespaces: .off) }
        do throws(Errno) {
            try home.namespace.enter()
            handle.health.publish(namespaces: .usable)
        } catch {
            handle.health.publish(namespaces: .unusable(error))
        }
    }

    /// Does what was asked, in order; `false` after a shut-down.
    private mutating func obeyRequests() throws(Errno) -> Bool {
        var isRunning = true
        for request in handle.namespaces.requests.takeAll() {
            switch request {
            case .open(let number, let openings):
                let result: Result<[Int: EndpointParts], EngineError.Located>
                do throws(EngineError.Located) {
                    result = .success(try open(openings))
                } catch {
                    result = .failure(error)
                }
                report(.opened(number: number, result))
            case .release(let number, let active, let local): release(active, of: local, inRoom: number)
            case .watch(let local, let isWatched): home.count(local.address, isPlayed: isWatched)
            case .nameHolder(let local, let completion): completion(holder(of: local, in: home))
            case .call(let body):
                commitGuards()
                body()
            case .shutDown: isRunning = false
            }
        }
        commitGuards()
        try discardUnusedRooms()
        return isRunning
    }

    func report(_ report: NamespaceReport) {
        handle.namespaces.reports.postAtOnce(report)
    }

    /// Moves the thread into a room.
    mutating func enter(_ room: NamespaceRoom) throws(Errno) {
        guard place != room.number else { return }
        try room.namespace.enter()
        place = room.number
    }

    /// The program that holds a port, as far as it can be seen.
    mutating func holder(of local: TransportAddress, in room: NamespaceRoom) -> String? {
        guard (try? enter(room)) != nil else { return nil }
        return PortHolder.program(at: local.address.rawValue, port: local.port)
    }

    /// The room of a namespace, entered; made if need be.
    mutating func room(named name: String) throws(EngineError) -> NamespaceRoom {
        guard handle.configuration.usesNamespaces else { throw .namespacesOff }
        do throws(Errno) {
            // Watched before it is opened, so that no removal goes unnoticed.
            let isWatched = watchNames()
            noticeNames()
            if let present = rooms.values.first(where: { $0.name == name && !$0.isGone }) {
                try enter(present)
                return present
            }
            let namespace = try NetworkNamespace(named: name)
            try namespace.enter()
            place = nextRoom
            nextRoom += 1
            let room = NamespaceRoom(
                number: place, name: name, namespace: namespace,
                spareDescriptors: handle.configuration.spareDescriptors)
            room.hearChanges(by: epoll, token: Token.firstRoom + room.number)
            room.isNameWatched = isWatched
            rooms[room.number] = room
            return room
        } catch .noSuchFile {
            throw .unknownNamespace(name)
        } catch {
            throw .namespaceUnusable(name, error)
        }
    }

    /// Puts in force what the guards of all rooms need besides their sockets.
    private mutating func commitGuards() {
        for room in rooms.values {
            do throws(Errno) {
                try room.guards.commit()
            } catch {
                report(.guardsLost(room: room.number, error))
            }
        }
    }

    /// Lets go of namespaces in which nobody is.
    private mutating func discardUnusedRooms() throws(Errno) {
        for room in rooms.values where room.users == 0 {
            // A thread in a namespace keeps it alive too.
            if place == room.number { try enter(home) }
            rooms[room.number] = nil
        }
    }
}
