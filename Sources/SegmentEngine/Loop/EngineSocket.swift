import CaptureFilter
import LinuxSystem

/// A raw socket and what waits to leave through it; for the engine's thread only.
final class EngineSocket {
    /// How many datagrams are read by one system call at most.
    static let readBatchSize = 64
    /// How many datagrams leave by one system call at most.
    static let sendBatchSize = 256

    /// What keeps a socket from sending.
    enum Obstacle {
        /// The send buffer is full; the kernel says when it is not.
        case fullBuffer
        /// A transmit queue is full; we ask again after a while.
        case fullQueue
    }

    /// What a datagram in the batch was made for.
    struct Purpose: Equatable {
        enum Kind: Equatable {
            case reply
            /// A transmission, by its key.
            case transmission(UInt64)
        }

        var kind: Kind
        var slot: Int
        /// The bearer of the slot when it was queued.
        var serial: UInt32
        var segmentLength: Int
        /// Whether it goes into the ring when it leaves.
        var isRecorded = true
    }

    let serial: UInt32
    /// Its place among the engine's sockets.
    let position: Int
    let kind: SocketKind
    let trigger: EpollTrigger
    /// Which of the engine's networks it belongs to.
    let network: Int
    let raw: RawTCPSocket
    /// What it sends through, where that is another socket.
    let sender: RawTCPSender?
    let drops = SocketDrops()
    /// The kernel's count when it was last asked.
    var lastDrops: UInt32
    /// When it was last found empty while a run watched, by the monotonic clock.
    var emptyAt: UInt64 = 0
    /// At most so much of the receive buffer held what was read since the socket was last empty, in octets.
    private var readOctets = 0

    /// How many endpoints play each port.
    var ports: [UInt16: Int] = [:]
    /// How many commands that wait for the helper will need it.
    var holds = 0
    var hasStaleFilter = false
    /// The filter of the one endpoint that has the socket for itself.
    var captureFilter: CaptureFilter?
    /// Whether it is on the list of those to read from.
    var isReady = false
    /// How many segments endpoints of ours have sent it since it was read from.
    var expectedArrivals = 0
    /// Whether it is on the list of those to send through.
    var isUnflushed = false

    var batch: SendBatch
    /// What the datagrams of the batch were made for.
    var purposes = PurposeRuns()
    /// Transmissions that may put segments into the batch, in turns.
    var runnable: [TransmissionRuntime] = []
    /// Whether it is on the list of those with such transmissions.
    var isTransmitting = false
    var obstacle: Obstacle?
    /// How often the first datagram found its transmit queue full.
    var fullQueueRetries = 0
    /// Whether the first datagram was tried again after an old error was cleared away.
    var wasRetried = false

    /// A socket that is open, at its place among the engine's.
    init(
        serial: UInt32, position: Int, kind: SocketKind, trigger: EpollTrigger, network: Int,
        raw: consuming RawTCPSocket, sender: consuming RawTCPSender?
    ) throws(Errno) {
        self.serial = serial
        self.position = position
        self.kind = kind
        self.trigger = trigger
        self.network = network
        // Before its filter was in place, others' segments may have filled the buffer, and been counted as dropped.
        lastDrops = try raw.drops()
        self.raw = raw
        self.sender = sender
        batch = try SendBatch(capacity: Self.sendBatchSize)
    }

    /// How many datagrams to ask for: as many as must be there, because looking for one more costs a call; else a batch.
    func takeExpected() -> Int {
        defer { expectedArrivals = 0 }
        return expectedArrivals == 0 ? Self.readBatchSize : min(expectedArrivals, Self.readBatchSize)
    }

    /// Notes that so many datagrams were read, of so many octets together.
    func noteRead(_ count: Int, octets: Int) {
        // More than the kernel charges for any length.
        readOctets += 4 * octets + 1024 * count
    }

    /// Notes that nothing is left to read, and says whether datagrams may have been lost that none read tells of.
    ///
    /// What is lost while something waits is told by what comes after it; what is lost last was lost when all that
    /// has been read since filled the buffer.
    func noteEmpty() -> Bool {
        let mayHaveLost = readOctets >= raw.receiveBufferOctets
        readOctets = 0
        return mayHaveLost
    }

    /// What reports about it carry.
    var token: UInt64 { SegmentEngine.Token.firstSocket + UInt64(position) }

    /// What the socket is watched for.
    var events: EpollInstance.Events {
        var events: EpollInstance.Events = .readable
        if trigger == .edge { events.insert(.edgeTriggered) }
        if obstacle == .fullBuffer, sender == nil { events.insert(.writable) }
        return events
    }

    /// Takes back what waits in the batch for a purpose, and says how many datagrams it was.
    @discardableResult
    func withdraw(where isUnwanted: (Purpose) -> Bool) -> Int {
        guard !batch.isEmpty else { return 0 }
        let unwanted = purposes.remove(where: isUnwanted)
        // What was noted of the first one is not true of another.
        if unwanted.contains(0) { (fullQueueRetries, wasRetried) = (0, false) }
        batch.remove(unwanted)
        return unwanted.ranges.reduce(0) { $0 + $1.count }
    }

    /// Hands what waits in the batch to the kernel, once.
    func send() -> SendBatch.Progress {
        switch sender {
        case .some(let sender): batch.send(through: sender.descriptor)
        case nil: batch.send(through: raw.descriptor)
        }
    }

    /// A filter for the ports that are played now, and for what a socket's own endpoint asks for.
    var filter: SocketFilter {
        var ranges: [ClosedRange<UInt16>] = []
        for port in ports.keys.sorted() {
            if let last = ranges.last, last.upperBound < port, last.upperBound + 1 == port {
                ranges[ranges.count - 1] = last.lowerBound...port
            } else {
                ranges.append(port...port)
            }
        }
        let portFilter = SocketFilter.destinationPorts(ranges)
        return captureFilter.map { portFilter.and($0.socketFilter) } ?? portFilter
    }
}
