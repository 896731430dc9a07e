import CPcap
package import LinuxSystem
import Locking

/// A pcap filter expression over an IPv4 datagram (`pcap-filter(7)`), compiled once.
///
/// It has numbers and addresses only: names would be asked of the DNS while it is compiled.
package struct CaptureFilter: Hashable, Sendable, CustomStringConvertible {
    /// The longest expression, in octets.
    package static let maximumLength = 2048
    /// The longest program, in instructions: what the kernel takes, with room for a port's own filter before it.
    package static let maximumInstructions = SocketFilter.maximumLength - 16
    /// How many octets of a datagram it sees: all that IPv4 can have.
    private static let sight: CInt = 65_535
    /// LINKTYPE_IPV4: a datagram begins with its IPv4 header.
    private static let linkType: CInt = 228
    /// libpcap's compiler was not safe to use from several threads before 1.8.
    private static let turn = Locked<Turn>(Turn())

    private struct Turn {}

    /// The expression as it was given.
    package let text: String
    private let instructions: [bpf_insn]

    /// Compiles an expression; an empty one lets everything pass.
    ///
    /// - Throws: ``CaptureFilterError``, with libpcap's own words where it found the mistake.
    package init(_ text: String) throws(CaptureFilterError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(octets: text.utf8.count) }
        try FilterWords.check(text)
        let instructions = try Self.turn.withLock { (_) throws(CaptureFilterError) in try Self.compile(text) }
        guard instructions.count <= Self.maximumInstructions else {
            throw .programTooLong(instructions: instructions.count)
        }
        self.text = text
        self.instructions = instructions
    }

    package var description: String { text }

    package static func == (one: CaptureFilter, other: CaptureFilter) -> Bool { one.text == other.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// How many instructions the program has.
    package var length: Int { instructions.count }

    /// Whether a datagram, its IPv4 header first, passes.
    ///
    /// An expression that looks beyond the datagram's end lets it fail.
    package func admits(_ datagram: Span<UInt8>) -> Bool {
        unsafe instructions.withUnsafeBufferPointer { program in
            unsafe datagram.withUnsafeBufferPointer { octets in
                unsafe cpcap_admits(
                    program.baseAddress, UInt32(program.count), octets.baseAddress, UInt32(clamping: octets.count))
            }
        }
    }

    /// The same program for a socket.
    package var socketFilter: SocketFilter {
        SocketFilter(
            instructions: instructions.map { instruction in
                SocketFilter.Instruction(
                    code: instruction.code, ifTrue: instruction.jt, ifFalse: instruction.jf, value: instruction.k)
            })
    }

    private static func compile(_ text: String) throws(CaptureFilterError) -> [bpf_insn] {
        var program = unsafe bpf_program()
        var message = [CChar](repeating: 0, count: Int(CPCAP_MESSAGE_SIZE))
        let end = unsafe cpcap_compile(text, linkType, sight, &program, &message)
        let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        switch end {
        case CPCAP_COMPILED: break
        case CPCAP_REFUSED: throw .refused(reason)
        default: throw .unavailable(reason)
        }
        defer { unsafe cpcap_free(&program) }
        return unsafe Array(UnsafeBufferPointer(start: program.bf_insns, count: Int(program.bf_len)))
    }
}
