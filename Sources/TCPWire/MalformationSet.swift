/// Several malformations at once, one bit for each.
package struct MalformationSet: OptionSet, Hashable, BitwiseCopyable, Sendable {
    /// One bit for each malformation, in the order of its cases.
    package let rawValue: UInt16

    /// The malformations whose bits are set.
    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The set of one malformation.
    package init(_ malformation: Malformation) {
        let position = Malformation.allCases.firstIndex(of: malformation)
        self.init(rawValue: position.map { 1 << UInt16($0) } ?? 0)
    }

    /// None at all; an array literal would be allocated.
    package static var none: Self { Self(rawValue: 0) }
    /// What makes a payload no TCP segment's beginning.
    package static var notASegment: Self { protocolNotTCP.union(laterFragment) }
    /// ``Malformation/headerTruncated``.
    package static var headerTruncated: Self { Self(rawValue: 1 << 0) }
    /// ``Malformation/versionNotFour``.
    package static var versionNotFour: Self { Self(rawValue: 1 << 1) }
    /// ``Malformation/headerLengthTooSmall``.
    package static var headerLengthTooSmall: Self { Self(rawValue: 1 << 2) }
    /// ``Malformation/headerLengthBeyondDatagram``.
    package static var headerLengthBeyondDatagram: Self { Self(rawValue: 1 << 3) }
    /// ``Malformation/totalLengthMismatch``.
    package static var totalLengthMismatch: Self { Self(rawValue: 1 << 4) }
    /// ``Malformation/protocolNotTCP``.
    package static var protocolNotTCP: Self { Self(rawValue: 1 << 5) }
    /// ``Malformation/laterFragment``.
    package static var laterFragment: Self { Self(rawValue: 1 << 6) }
    /// ``Malformation/segmentTruncated``.
    package static var segmentTruncated: Self { Self(rawValue: 1 << 7) }
    /// ``Malformation/dataOffsetTooSmall``.
    package static var dataOffsetTooSmall: Self { Self(rawValue: 1 << 8) }
    /// ``Malformation/dataOffsetBeyondSegment``.
    package static var dataOffsetBeyondSegment: Self { Self(rawValue: 1 << 9) }
    /// ``Malformation/optionTruncated``.
    package static var optionTruncated: Self { Self(rawValue: 1 << 10) }
    /// ``Malformation/optionLengthInvalid``.
    package static var optionLengthInvalid: Self { Self(rawValue: 1 << 11) }
    /// ``Malformation/optionPaddingNotZero``.
    package static var optionPaddingNotZero: Self { Self(rawValue: 1 << 12) }

    /// The members, in the order of the cases.
    package var reasons: [Malformation] {
        guard !isEmpty else { return [] }
        return Malformation.allCases.enumerated().compactMap { position, malformation in
            rawValue & (1 << UInt16(position)) != 0 ? malformation : nil
        }
    }
}

// The standard library's versions are generic; from another module they go through
// the witness table, many times the cost of these.
extension MalformationSet {
    /// Whether no member is in the set.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether every member of `other` is in this set.
    package func contains(_ other: MalformationSet) -> Bool { rawValue & other.rawValue == other.rawValue }

    /// Whether no member of `other` is in this set.
    package func isDisjoint(with other: MalformationSet) -> Bool { rawValue & other.rawValue == 0 }

    /// Whether both sets have the same members.
    package static func == (first: MalformationSet, second: MalformationSet) -> Bool {
        first.rawValue == second.rawValue
    }
}
