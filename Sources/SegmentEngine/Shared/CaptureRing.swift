import LinuxSystem

/// The latest datagrams, bounded in number and in octets.
///
/// Records are numbered from 1 without gaps and numbers are never used again, so
/// a reader can tell how many it missed. Memory is provided as it is used, or a little ahead.
@safe
package struct CaptureRing: ~Copyable {
    /// What has left a ring, as far as it is counted.
    package struct Departure: Sendable {
        let kind: CaptureRecord.Kind
        /// The endpoint's serial number; 0 in a loss.
        let endpoint: UInt32
        /// The endpoint's place in the engine.
        let slot: UInt32
    }

    /// How many records ahead memory is asked for: as many as are placed while it comes.
    private static let prefetchDistance = 8

    /// The most records held.
    package let capacity: Int
    /// The most octets held.
    package let octetCapacity: Int

    /// The number the next record gets.
    package private(set) var nextNumber: UInt64 = 1
    /// The number of the oldest record held; ``nextNumber`` when there is none.
    package private(set) var oldestNumber: UInt64 = 1

    private let records: UnsafeMutablePointer<CaptureRecord>
    private let octets: UnsafeMutablePointer<UInt8>
    /// Where the latest datagram ends, counted since the ring was made; the place in memory is the rest by
    /// ``octetCapacity``.
    private var end: UInt64 = 0
    /// The place in memory of ``end``; kept, because dividing costs more than all else here.
    private var endOffset = 0
    /// The place of the record that gets ``nextNumber``.
    private var nextSlot = 0
    /// The place of the oldest record.
    private var oldestSlot = 0
    private var pastLosses = PastLosses()
    private var recordMemory: MemoryAhead
    private var octetMemory: MemoryAhead

    /// A ring for so many records and octets, both at least 1; a datagram larger than that is kept without octets.
    package init(capacity: Int, octetCapacity: Int) {
        precondition(capacity > 0 && octetCapacity > 0, "a capture ring holds at least one datagram")
        self.capacity = capacity
        self.octetCapacity = octetCapacity
        recordMemory = MemoryAhead(capacity: capacity * MemoryLayout<CaptureRecord>.stride)
        octetMemory = MemoryAhead(capacity: octetCapacity)
        unsafe records = .allocate(capacity: capacity)
        unsafe octets = .allocate(capacity: octetCapacity)
    }

    deinit {
        // Records are trivial, so there is nothing to deinitialize.
        unsafe records.deallocate()
        unsafe octets.deallocate()
    }

    /// How many octets of memory a ring takes.
    static func memoryOctets(capacity: Int, octetCapacity: Int) -> Int {
        capacity * MemoryLayout<CaptureRecord>.stride + octetCapacity
    }

    package var count: Int { Int(truncatingIfNeeded: nextNumber &- oldestNumber) }

    /// How many octets of memory the records held take, with what is left free at its end.
    var octetCount: Int { count == 0 ? 0 : Int(end - oldestPosition) }

    /// How many of the records are segments.
    var segmentCount: Int {
        (oldestNumber..<nextNumber).count { number in record(number).kind != .loss }
    }

    /// Drops every record; numbers go on.
    package mutating func removeAll() {
        for number in oldestNumber..<nextNumber where record(number).kind == .loss {
            pastLosses.append(record(number), number: number)
        }
        oldestNumber = nextNumber
        oldestSlot = nextSlot
    }

    /// Lets the oldest record go where it is in the way of a datagram of so many octets, and answers what it stood for;
    /// `nil` when nothing is in its way.
    @inline(__always)
    package mutating func makeRoom(forOctets octets: Int) -> Departure? {
        guard isInTheWay(ofOctets: octets) else { return nil }
        let oldest = unsafe records + oldestSlot
        // Field by field: the whole record would be copied first.
        let departure = unsafe Departure(
            kind: oldest.pointee.kind, endpoint: oldest.pointee.endpoint, slot: oldest.pointee.slot)
        if departure.kind == .loss { rememberOldest() }
        oldestNumber &+= 1
        oldestSlot = slot(after: oldestSlot)
        return departure
    }

    /// Whether ``takeLackingMemory()`` has something to answer.
    var lacksMemory: Bool {
        recordMemory.isLacking(used: usedRecordOctets) || octetMemory.isLacking(used: usedOctets)
    }

    /// A piece of the memory that the next records and datagrams will take, to be provided; `nil` when there is enough.
    mutating func takeLackingMemory() -> MemoryAhead.Piece? {
        unsafe recordMemory.takePiece(of: records, used: usedRecordOctets)
            ?? octetMemory.takePiece(of: octets, used: usedOctets)
    }

    /// How much of the memory of records has been used, from its start.
    private var usedRecordOctets: Int {
        nextNumber > UInt64(capacity) ? recordMemory.capacity : nextSlot &* MemoryLayout<CaptureRecord>.stride
    }

    /// How much of the memory of octets has been used, from its start.
    private var usedOctets: Int {
        end >= UInt64(octetCapacity) ? octetCapacity : endOffset
    }

    /// Keeps a record and its octets, and answers its number; what is still in its way goes.
    package mutating func append(_ record: CaptureRecord, _ datagram: Span<UInt8>) -> UInt64 {
        while makeRoom(forOctets: datagram.count) != nil {}
        return place(record, datagram)
    }

    /// Keeps a record and its octets, for which there must be room, and answers its number.
    // Compiled into its callers, so that a record is made where it stays.
    @inline(__always)
    mutating func place(_ record: CaptureRecord, _ datagram: Span<UInt8>) -> UInt64 {
        assert(!isInTheWay(ofOctets: datagram.count), "the ring has no room")
        let place = place(ofOctets: datagram.count)
        let length = Int(truncatingIfNeeded: place.end &- place.start)
        unsafe datagram.withUnsafeBufferPointer { source in
            guard length > 0, let base = source.baseAddress else { return }
            unsafe (octets + place.offset).update(from: base, count: length)
        }
        var placed = record
        placed.position = place.start
        placed.length = UInt32(truncatingIfNeeded: length)
        unsafe (records + nextSlot).initialize(to: placed)
        // What leaves a full ring was last touched long ago, and has to be read; beyond the end, this does nothing.
        unsafe Cache.prefetch(records + (nextSlot &+ Self.prefetchDistance))
        end = place.end
        endOffset = place.offset &+ length
        nextSlot = slot(after: nextSlot)
        nextNumber &+= 1
        return nextNumber &- 1
    }

    /// What a reader has missed who has read up to a number: segments that have left the ring, and datagrams that
    /// sockets which matter had lost between them.
    func missed(
        after number: UInt64, where matters: (UInt32) -> Bool
    ) -> (segments: UInt64, inKernel: UInt64) {
        guard number + 1 < oldestNumber else { return (segments: 0, inKernel: 0) }
        let past = pastLosses.since(number, where: matters)
        return (segments: oldestNumber - number - 1 - past.marks, inKernel: past.lost)
    }

    /// The record of a number that is held.
    package func record(_ number: UInt64) -> CaptureRecord {
        precondition(number >= oldestNumber && number < nextNumber, "record \(number) is not held")
        return unsafe records[slot(of: number)]
    }

    /// The place of the endpoint of a record that is held.
    func slot(at number: UInt64) -> Int {
        precondition(number >= oldestNumber && number < nextNumber, "record \(number) is not held")
        return Int(unsafe records[slot(of: number)].slot)
    }

    /// Appends the octets of a record that is held to `output`.
    package func copyOctets(of record: CaptureRecord, to output: inout [UInt8]) {
        unsafe output.append(
            contentsOf: UnsafeBufferPointer(start: octets + offset(of: record), count: Int(record.length)))
    }

    /// Whether the oldest record has to go before a datagram of so many octets can come.
    @inline(__always)
    private func isInTheWay(ofOctets octets: Int) -> Bool {
        count == capacity || (count > 0 && place(ofOctets: octets).end &- oldestPosition > octetCapacity)
    }

    @inline(never)
    private mutating func rememberOldest() {
        pastLosses.append(record(oldestNumber), number: oldestNumber)
    }

    private var oldestPosition: UInt64 { unsafe records[oldestSlot].position }

    /// Where a datagram of so many octets comes to be: at the start of memory, rather than cut in two.
    @inline(__always)
    private func place(ofOctets octets: Int) -> (start: UInt64, end: UInt64, offset: Int) {
        let length = octets <= octetCapacity ? octets : 0
        let wraps = endOffset > octetCapacity &- length
        // Octets are counted for longer than any machine runs, so nothing here overflows.
        let start = wraps ? end &+ UInt64(truncatingIfNeeded: octetCapacity &- endOffset) : end
        return (start: start, end: start &+ UInt64(truncatingIfNeeded: length), offset: wraps ? 0 : endOffset)
    }

    private func offset(of record: CaptureRecord) -> Int {
        Int(record.position % UInt64(octetCapacity))
    }

    @inline(__always)
    private func slot(after slot: Int) -> Int {
        slot &+ 1 == capacity ? 0 : slot &+ 1
    }

    private func slot(of number: UInt64) -> Int {
        let distance = Int(number - oldestNumber)
        let slot = oldestSlot + distance
        return slot < capacity ? slot : slot - capacity
    }
}

// The memory behind the pointers has one owner, which is noncopyable, so it moves with it.
extension CaptureRing: @unchecked Sendable {}
