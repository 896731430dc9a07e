/// Cuts TCP options into single ones, in place (RFC 9293 §3.2).
///
/// Every octet is in exactly one element, whatever the octets are.
struct TCPOptionReader: ~Escapable {
    /// One option, as a range of the octets.
    struct Element {
        /// The option kind.
        let kind: UInt8
        /// The length octet as it is, whatever it claims; `nil` when the option has none.
        let length: UInt8?
        /// Where the octets after kind and length are.
        let data: Range<Int>
        /// Whether the length fits the kind and the octets.
        let isInForm: Bool
    }

    private let octets: Span<UInt8>
    private var position = 0
    private var isPastEnd = false

    /// What was wrong with the options read so far.
    private(set) var malformations: MalformationSet = []

    /// A reader at the first of these options.
    @_lifetime(copy octets)
    init(_ octets: Span<UInt8>) {
        self.octets = octets
    }

    /// The next option; `nil` at the end.
    @_lifetime(self: copy self)
    mutating func next() -> Element? {
        guard position < octets.count else { return nil }
        let kind = octets[position]
        position += 1
        if kind == TCPOption.Kind.endOfOptionList {
            isPastEnd = true
            return Element(kind: kind, length: nil, data: position..<position, isInForm: true)
        }
        if isPastEnd { return rest(kind: kind, length: nil, because: .optionPaddingNotZero) }
        if kind == TCPOption.Kind.noOperation {
            return Element(kind: kind, length: nil, data: position..<position, isInForm: true)
        }
        guard position < octets.count else { return rest(kind: kind, length: nil, because: .optionTruncated) }
        let length = octets[position]
        position += 1
        guard length >= 2 else { return rest(kind: kind, length: length, because: .optionLengthInvalid) }
        let end = position + Int(length) - 2
        guard end <= octets.count else { return rest(kind: kind, length: length, because: .optionTruncated) }
        let isInForm = TCPOption.Kind.canHave(length: length, kind: kind)
        if !isInForm { malformations.insert(.optionLengthInvalid) }
        defer { position = end }
        return Element(kind: kind, length: length, data: position..<end, isInForm: isInForm)
    }

    /// All that is left, as one element: there is no telling where the next option starts.
    @_lifetime(self: copy self)
    private mutating func rest(kind: UInt8, length: UInt8?, because malformation: MalformationSet) -> Element {
        malformations.formUnion(malformation)
        defer { position = octets.count }
        return Element(kind: kind, length: length, data: position..<octets.count, isInForm: false)
    }
}
