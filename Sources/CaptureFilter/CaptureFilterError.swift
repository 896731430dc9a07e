/// Why an expression is no filter.
package enum CaptureFilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It has more octets than ``CaptureFilter/maximumLength``.
    case tooLong(octets: Int)
    /// A word that is none of the language's, which libpcap would look up as a name.
    case name(String)
    /// A character that the language does not have, or that would begin a name.
    case character(Unicode.Scalar)
    /// A number that is too large for what it counts, or a range without an end.
    case number(String)
    /// What libpcap says about it.
    case refused(String)
    /// Why nothing can be compiled here.
    case unavailable(String)
    /// Its program has more instructions than the kernel takes.
    case programTooLong(instructions: Int)

    package var description: String {
        switch self {
        case .tooLong(let octets): "has \(octets) octets, may have \(CaptureFilter.maximumLength)"
        case .name(let word):
            "\"\(word.prefix(64))\" is no word of filters; names of hosts, ports and protocols are not looked up: "
                + "write numbers and addresses, as in \"host 192.0.2.1 and port 80\""
        case .character(let character): "\(quoted(character)) has no meaning in a filter, or only before a name"
        case .number(let word): "\"\(word.prefix(64))\" is no number, address or range of ports that can be"
        case .refused(let message), .unavailable(let message): message
        case .programTooLong(let instructions):
            "becomes \(instructions) instructions, may become \(CaptureFilter.maximumInstructions)"
        }
    }

    private func quoted(_ character: Unicode.Scalar) -> String {
        character.isASCII && character.value > 0x20 && character.value != 0x7f
            ? "\"\(character)\"" : "U+\(String(character.value, radix: 16, uppercase: true))"
    }
}
