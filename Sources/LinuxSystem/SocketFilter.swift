import CLinuxShims
import Glibc

/// A classic BPF program that decides which datagrams a socket receives.
///
/// On a raw IPv4 socket, and on a packet socket without link headers, a program
/// sees the IPv4 header at offset 0. A load past the end drops the datagram.
package struct SocketFilter: Sendable {
    /// What the kernel takes at most, in instructions (`BPF_MAXINSNS`).
    package static let maximumLength = 4096

    private var instructions: [sock_filter] = []

    private init() {}

    /// One instruction of a program (`linux/filter.h`).
    package struct Instruction: Hashable, Sendable {
        package var code: UInt16
        /// How many instructions a condition that holds skips.
        package var ifTrue: UInt8
        package var ifFalse: UInt8
        package var value: UInt32

        package init(code: UInt16, ifTrue: UInt8, ifFalse: UInt8, value: UInt32) {
            self.code = code
            self.ifTrue = ifTrue
            self.ifFalse = ifFalse
            self.value = value
        }
    }

    /// A program that somebody else made, which ends in a verdict.
    package init(instructions: [Instruction]) {
        self.instructions = instructions.map { instruction in
            sock_filter(code: instruction.code, jt: instruction.ifTrue, jf: instruction.ifFalse, k: instruction.value)
        }
    }

    /// Lets pass what both programs let pass: what this one would keep, the other one judges.
    package func and(_ other: SocketFilter) -> SocketFilter {
        var both = self
        for (position, instruction) in instructions.enumerated()
        where instruction.code == Self.keep.code && instruction.k != 0 {
            both.instructions[position] = Self.jump(over: instructions.count - position - 1)
        }
        both.instructions += other.instructions
        return both
    }

    /// Lets nothing pass.
    package static var dropAll: SocketFilter {
        var filter = SocketFilter()
        filter.append(drop)
        return filter
    }

    /// Lets TCP segments to these destination ports pass, and no others.
    ///
    /// `ports` are ascending and do not touch. When they are too many for one
    /// program, neighbours are joined over the smallest gaps: the filter then lets
    /// some other ports pass as well, never fewer.
    package static func destinationPorts(_ ports: [ClosedRange<UInt16>]) -> SocketFilter {
        guard !ports.isEmpty else { return dropAll }
        var filter = SocketFilter()
        filter.append(loadHeaderLength)
        filter.append(load(BPF_H, BPF_IND, 2))
        filter.appendSearch(in: joined(ports, atMost: maximumRanges)[...])
        return filter
    }

    /// Lets outgoing TCP resets pass that do not carry `mark`: those this host's kernel made.
    ///
    /// For a packet socket.
    package static func outgoingResets(withoutMark mark: UInt32) -> SocketFilter {
        // Offsets that the kernel answers from its own records about the datagram.
        let ancillary = UInt32(bitPattern: SKF_AD_OFF)
        let packetType = ancillary &+ UInt32(SKF_AD_PKTTYPE)
        let packetMark = ancillary &+ UInt32(SKF_AD_MARK)
        let protocolType = ancillary &+ UInt32(SKF_AD_PROTOCOL)
        let outgoing: UInt32 = 4
        let internetProtocol: UInt32 = 0x0800
        let reset: UInt32 = 0x04

        var filter = SocketFilter()
        filter.append(load(BPF_W, BPF_ABS, packetType))
        filter.appendDrop(unless: BPF_JEQ, outgoing)
        filter.append(load(BPF_W, BPF_ABS, protocolType))
        filter.appendDrop(unless: BPF_JEQ, internetProtocol)
        filter.append(load(BPF_B, BPF_ABS, 9))
        filter.appendDrop(unless: BPF_JEQ, UInt32(IPPROTO_TCP))
        filter.append(load(BPF_W, BPF_ABS, packetMark))
        filter.append(jump(BPF_JEQ, mark, ifTrue: 0, ifFalse: 1))
        filter.append(drop)
        filter.append(loadHeaderLength)
        filter.append(load(BPF_B, BPF_IND, 13))
        filter.appendDrop(unless: BPF_JSET, reset)
        filter.append(keep)
        return filter
    }

    /// How many instructions the kernel walks at most, which is fewer than ``maximumLength``.
    package var length: Int { instructions.count }

    func attach(to socket: borrowing FileDescriptor) throws(Errno) {
        let (fd, count) = (socket.rawValue, UInt16(instructions.count))
        try unsafe instructions.withUnsafeBufferPointer { (program) throws(Errno) in
            guard let start = program.baseAddress else { return }
            _ = try systemCall { unsafe clinux_attach_filter(fd, start, count) }
        }
    }

    /// Ranges that always fit: four instructions a leaf, two an inner node, two before them.
    private static let maximumRanges = (maximumLength - 2) / 6

    private static func joined(_ ports: [ClosedRange<UInt16>], atMost limit: Int) -> [ClosedRange<UInt16>] {
        guard ports.count > limit else { return ports }
        let gaps = zip(ports, ports.dropFirst()).map { before, after in Int(after.lowerBound) - Int(before.upperBound) }
        // The widest gaps stay; there is one fewer than there are ranges.
        let kept = Set(gaps.indices.sorted { gaps[$0] > gaps[$1] }.prefix(limit - 1))
        var result: [ClosedRange<UInt16>] = []
        var start = ports[0].lowerBound
        for index in gaps.indices where kept.contains(index) {
            result.append(start...ports[index].upperBound)
            start = ports[index + 1].lowerBound
        }
        result.append(start...ports[ports.count - 1].upperBound)
        return result
    }

    /// A binary search for the accumulator among `ranges`, ending in a verdict.
    private mutating func appendSearch(in ranges: ArraySlice<ClosedRange<UInt16>>) {
        guard ranges.count > 1 else {
            guard let range = ranges.first else { return append(Self.drop) }
            append(Self.jump(BPF_JGE, UInt32(range.lowerBound), ifTrue: 0, ifFalse: 1))
            append(Self.jump(BPF_JGT, UInt32(range.upperBound), ifTrue: 0, ifFalse: 1))
            append(Self.drop)
            append(Self.keep)
            return
        }
        let middle = ranges.startIndex + ranges.count / 2
        append(Self.jump(BPF_JGE, UInt32(ranges[middle].lowerBound), ifTrue: 0, ifFalse: 1))
        // Conditional jumps reach 255 instructions, an unconditional one everywhere.
        let placeholder = instructions.count
        append(Self.drop)
        appendSearch(in: ranges[..<middle])
        instructions[placeholder] = Self.jump(over: instructions.count - placeholder - 1)
        appendSearch(in: ranges[middle...])
    }

    private mutating func append(_ instruction: sock_filter) {
        instructions.append(instruction)
    }

    private mutating func appendDrop(unless condition: CInt, _ value: UInt32) {
        append(Self.jump(condition, value, ifTrue: 1, ifFalse: 0))
        append(Self.drop)
    }

    private static var drop: sock_filter { sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0) }
    private static var keep: sock_filter { sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0x40000) }

    /// Loads the IPv4 header's length into the index register.
    private static var loadHeaderLength: sock_filter {
        sock_filter(code: UInt16(BPF_LDX | BPF_B | BPF_MSH), jt: 0, jf: 0, k: 0)
    }

    private static func load(_ size: CInt, _ mode: CInt, _ offset: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_LD | size | mode), jt: 0, jf: 0, k: offset)
    }

    private static func jump(_ condition: CInt, _ value: UInt32, ifTrue: UInt8, ifFalse: UInt8) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | condition | BPF_K), jt: ifTrue, jf: ifFalse, k: value)
    }

    /// Goes on so many instructions further.
    private static func jump(over count: Int) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_JA), jt: 0, jf: 0, k: UInt32(count))
    }
}
