extension TCPSegment {
    /// The octets to send between these addresses.
    ///
    /// A checksum that is worked out covers what leaves, after any truncation, and
    /// is left out when the truncation cuts into its field.
    ///
    /// - Throws: ``WireError/badOptionsLength(_:)``, ``WireError/segmentTooLong(_:)`` or
    ///   ``WireError/fieldOutOfRange(field:value:maximum:)`` for what no segment can hold.
    package func encoded(from source: IPv4Address, to destination: IPv4Address) throws(WireError) -> [UInt8] {
        try check()
        return [UInt8](capacity: untruncatedLength) { output in
            append(to: &output, from: source, to: destination)
        }
    }

    /// Appends the octets to send between these addresses to `output`, as ``encoded(from:to:)`` does.
    ///
    /// - Throws: what ``encoded(from:to:)`` throws, and ``WireError/outputFull(needed:available:)`` when there
    ///   is no room for the segment before its truncation. Nothing is appended then.
    @_lifetime(output: copy output)
    package func encode(
        into output: inout OutputSpan<UInt8>, from source: IPv4Address, to destination: IPv4Address
    ) throws(WireError) {
        try check()
        guard untruncatedLength <= output.freeCapacity else {
            throw .outputFull(needed: untruncatedLength, available: output.freeCapacity)
        }
        append(to: &output, from: source, to: destination)
    }

    /// Throws unless every field holds what the wire can hold.
    func check() throws(WireError) {
        guard options.count <= 40, options.count.isMultiple(of: 4) else {
            throw .badOptionsLength(options.count)
        }
        try WireError.check(dataOffset ?? 0, of: "dataOffset", upTo: 15)
        try WireError.check(reservedBits, of: "reservedBits", upTo: 15)
        try WireError.check(truncatedLength ?? 0, of: "truncatedLength", upTo: Self.maximumLength)
        guard untruncatedLength <= Self.maximumLength else { throw .segmentTooLong(untruncatedLength) }
    }

    /// Appends a segment that was checked to an output with room for ``untruncatedLength`` octets.
    @_lifetime(output: copy output)
    func append(to output: inout OutputSpan<UInt8>, from source: IPv4Address, to destination: IPv4Address) {
        let start = output.count
        output.append(bigEndian: sourcePort)
        output.append(bigEndian: destinationPort)
        output.append(bigEndian: sequenceNumber.rawValue)
        output.append(bigEndian: acknowledgmentNumber.rawValue)
        output.append((dataOffset ?? UInt8(5 + options.count / 4)) << 4 | reservedBits)
        output.append(flags.rawValue)
        output.append(bigEndian: window)
        if case .given(let value) = checksum {
            // Stored before the truncation, which may leave half of it.
            output.append(bigEndian: value)
        } else {
            output.append(bigEndian: 0 as UInt16)
        }
        output.append(bigEndian: urgentPointer)
        output.append(copying: options.span)
        output.append(copying: payload.span)
        output.removeLast(untruncatedLength - encodedLength)

        if case .given = checksum { return }
        guard encodedLength >= 18 else { return }
        let value = checksum.value(for: output.span.extracting(start...), from: source, to: destination)
        var octets = output.mutableSpan
        octets.store(bigEndian: value, at: start + 16)
    }
}
