/// One header field (RFC 9110, section 5).
package struct HTTPField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Whether the field has that name, in whatever case.
    package func isNamed(_ other: String) -> Bool {
        guard name.utf8.count == other.utf8.count else { return false }
        let (mine, theirs) = (name.utf8.span, other.utf8.span)
        for index in mine.indices where mine[index].asciiLowercased != theirs[index].asciiLowercased { return false }
        return true
    }
}

extension UInt8 {
    /// The octet, with `A` to `Z` as `a` to `z`.
    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
