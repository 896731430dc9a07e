import CLinuxShims
import Glibc

/// Keeps back the TCP resets that this host's kernel sends from certain addresses and ports, by a firewall table.
///
/// The table is owned by this value's netlink socket (`flags owner` of `nft(8)`): nobody else can change it, not even
/// by flushing the ruleset, and it ends with the socket, so with the process at the latest. What carries our own
/// sockets' mark leaves all the same. As `nft list ruleset` shows it:
///
///     table ip segmentd-812-5f0c9e21 {
///         flags owner
///         set guarded { type ipv4_addr . inet_service }
///         chain output {
///             type filter hook output priority raw; policy accept;
///             meta mark != 0x5257 meta l4proto tcp tcp flags & rst != 0 ip saddr . tcp sport @guarded drop
///         }
///     }
package struct ResetSuppression: ~Copyable, Sendable {
    /// An address and a port of this host, in host byte order.
    package struct Place: Hashable, Sendable {
        package var address: UInt32
        package var port: UInt16

        package init(address: UInt32, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// How many places go into one batch: a netlink attribute has less than 64 KiB, and each takes 20 octets.
    private static let batchLimit = 2048
    /// Before the tables that may put marks of their own on what leaves.
    private static let priority = -300
    private static let set = "guarded"
    private static let chain = "output"
    private static let keyLength: UInt32 = 8
    /// `ipv4_addr . inet_service`, in nft's numbers, so that nft can show the set.
    private static let keyType: UInt32 = 7 << 6 | 13
    /// Where locally made datagrams leave (`NF_INET_LOCAL_OUT`).
    private static let outputHook: UInt32 = 3
    /// What happens to a datagram no rule is for (`NF_ACCEPT`).
    private static let accept: UInt32 = 1

    private let socket: FileDescriptor
    private let table: String

    /// Opens the way to the kernel; there is no table yet.
    package init() throws(Errno) {
        // Several services may share a network namespace, and containers also a process number.
        table = "segmentd-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        socket = try Self.open()
    }

    /// Makes the table, for no place yet; there must be none.
    ///
    /// - Throws: ``Errno/notPermitted`` without `CAP_NET_ADMIN`; what the kernel says where it has no nf_tables, or none
    ///   that knows owners (before Linux 5.12).
    package func makeTable() throws(Errno) {
        var batch = NetfilterBatch()
        Self.addTable(table, to: &batch)
        try Self.perform(&batch, on: socket)
    }

    /// Removes the table.
    ///
    /// At once, while closing the socket would wait for all processors of the host, some 20 ms.
    package func removeTable() throws(Errno) {
        var batch = NetfilterBatch()
        batch.request(NFT_MSG_DELTABLE, isLast: true) { $0.attribute(NFTA_TABLE_NAME.rawValue, table) }
        try Self.perform(&batch, on: socket)
    }

    /// Keeps back the resets of these places from now on.
    package func add(_ places: [Place]) throws(Errno) {
        try change(places, by: NFT_MSG_NEWSETELEM, flags: CInt(NLM_F_CREATE))
    }

    /// Keeps them back no longer; each must have been added.
    package func remove(_ places: [Place]) throws(Errno) {
        try change(places, by: NFT_MSG_DELSETELEM, flags: 0)
    }

    private func change(_ places: [Place], by type: nf_tables_msg_types, flags: CInt) throws(Errno) {
        var first = 0
        while first < places.count {
            let end = min(first + Self.batchLimit, places.count)
            var batch = NetfilterBatch()
            batch.request(type, flags: flags, isLast: true) { request in
                request.attribute(NFTA_SET_ELEM_LIST_TABLE.rawValue, table)
                request.attribute(NFTA_SET_ELEM_LIST_SET.rawValue, Self.set)
                request.nest(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) { list in
                    for place in places[first..<end] {
                        list.nest(NFTA_LIST_ELEM.rawValue) { element in
                            element.nest(NFTA_SET_ELEM_KEY.rawValue) { key in
                                key.attribute(NFTA_DATA_VALUE.rawValue, Self.key(of: place))
                            }
                        }
                    }
                }
            }
            try Self.perform(&batch, on: socket)
            first = end
        }
    }

    /// The octets that the rule puts together of a reset's header.
    private static func key(of place: Place) -> [UInt8] {
        NetfilterBatch.bigEndian(place.address)
            + [UInt8(place.port >> 8), UInt8(truncatingIfNeeded: place.port), 0, 0]
    }

    private static func addTable(_ table: String, to batch: inout NetfilterBatch) {
        let create = CInt(NLM_F_CREATE) | CInt(NLM_F_EXCL)
        batch.request(NFT_MSG_NEWTABLE, flags: create) { request in
            request.attribute(NFTA_TABLE_NAME.rawValue, table)
            request.attribute(NFTA_TABLE_FLAGS.rawValue, NFT_TABLE_F_OWNER.rawValue)
        }
        batch.request(NFT_MSG_NEWSET, flags: create) { request in
            request.attribute(NFTA_SET_TABLE.rawValue, table)
            request.attribute(NFTA_SET_NAME.rawValue, set)
            request.attribute(NFTA_SET_ID.rawValue, 1 as UInt32)
            request.attribute(NFTA_SET_KEY_TYPE.rawValue, keyType)
            request.attribute(NFTA_SET_KEY_LEN.rawValue, keyLength)
        }
        batch.request(NFT_MSG_NEWCHAIN, flags: create) { request in
            request.attribute(NFTA_CHAIN_TABLE.rawValue, table)
            request.attribute(NFTA_CHAIN_NAME.rawValue, chain)
            request.nest(NFTA_CHAIN_HOOK.rawValue) { hook in
                hook.attribute(NFTA_HOOK_HOOKNUM.rawValue, outputHook)
                hook.attribute(NFTA_HOOK_PRIORITY.rawValue, UInt32(bitPattern: Int32(priority)))
            }
            request.attribute(NFTA_CHAIN_POLICY.rawValue, accept)
            request.attribute(NFTA_CHAIN_TYPE.rawValue, "filter")
        }
        batch.request(NFT_MSG_NEWRULE, flags: create, isLast: true) { request in
            request.attribute(NFTA_RULE_TABLE.rawValue, table)
            request.attribute(NFTA_RULE_CHAIN.rawValue, chain)
            request.nest(NFTA_RULE_EXPRESSIONS.rawValue) { rule in rule.dropUnmarkedResets(from: set) }
        }
    }

    private static func open() throws(Errno) -> FileDescriptor {
        let socket = FileDescriptor(adopting: try systemCall { clinux_open_netfilter_socket() })
        // Answers then quote no more than a request's header.
        try socket.setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        return socket
    }

    /// Sends a batch, and reads what the kernel says of it, which waits when the sending returns.
    private static func perform(
        _ batch: inout NetfilterBatch, on socket: borrowing FileDescriptor
    ) throws(Errno) {
        batch.end()
        let (fd, octets) = (socket.rawValue, batch.octets)
        _ = try unsafe octets.withUnsafeBufferPointer { (buffer) throws(Errno) -> Int in
            try systemCall { unsafe send(fd, buffer.baseAddress, buffer.count, 0) }
        }
        // All of it is read, so that the next batch finds no answer but its own.
        var firstError: Errno?
        var isAcknowledged = false
        while let message = try receive(from: socket) {
            if let error = message.error {
                firstError = firstError ?? error
            } else if message.sequenceNumber == batch.latest {
                isAcknowledged = true
            }
        }
        if let firstError { throw firstError }
        guard isAcknowledged else { throw .protocolError }
    }

    /// The next answer of the kernel; `nil` when there is none.
    private static func receive(
        from socket: borrowing FileDescriptor
    ) throws(Errno) -> NetfilterAcknowledgment? {
        let fd = socket.rawValue
        var octets = [256 of UInt8](repeating: 0)
        var span = octets.mutableSpan
        let count = try unsafe span.withUnsafeMutableBufferPointer { (buffer) throws(Errno) -> Int? in
            try nonBlockingSystemCall { unsafe recv(fd, buffer.baseAddress, buffer.count, 0) }
        }
        guard let count else { return nil }
        guard let answer = NetfilterAcknowledgment(octets.span.extracting(first: min(count, octets.count))) else {
            throw .protocolError
        }
        return answer
    }
}
