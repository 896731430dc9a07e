extension TCPOption {
    /// The options that these octets hold; encoding them gives the same octets.
    ///
    /// Each zero octet of the padding is an ``endOfOptionList`` of its own. What cannot
    /// be told apart any more (after an end of option list, a length below 2 or one
    /// beyond the end) comes as a last ``raw(kind:length:data:)`` with all that is left;
    /// a known kind with a length it cannot have comes as one with its lying length.
    package static func parse(
        _ options: Span<UInt8>
    ) -> (options: [TCPOption], malformations: MalformationSet) {
        var parsed: [TCPOption] = []
        var reader = TCPOptionReader(options)
        while let element = reader.next() {
            parsed.append(TCPOption(element, data: options.extracting(element.data)))
        }
        return (parsed, reader.malformations)
    }

    /// The octets of these options, one after the other.
    ///
    /// When `padded`, zeros fill the last 32-bit word, as a header needs it. Options
    /// are written as they are, even if their contents have a length the kind cannot have.
    ///
    /// - Throws: ``WireError/badOptionsLength(_:)`` when there are more than 40 octets.
    package static func encode(_ options: [TCPOption], padded: Bool = true) throws(WireError) -> [UInt8] {
        let length = options.reduce(0) { length, option in length + option.encodedLength }
        guard length <= maximumEncodedLength else { throw .badOptionsLength(length) }
        let padding = padded ? (4 - length % 4) % 4 : 0
        return [UInt8](capacity: length + padding) { output in
            for option in options {
                option.append(to: &output)
            }
            output.append(repeating: 0, count: padding)
        }
    }

    /// The option's length on the wire, in octets.
    package var encodedLength: Int {
        switch self {
        case .endOfOptionList, .noOperation: 1
        case .maximumSegmentSize: 4
        case .windowScale: 3
        case .sackPermitted: 2
        case .sack(let blocks): 2 + 8 * blocks.count
        case .timestamps: 10
        case .fastOpenCookie(let data), .md5Signature(let data), .multipath(let data): 2 + data.count
        case .authentication(_, _, let code): 4 + code.count
        case .raw(_, let length, let data): (length == nil ? 1 : 2) + data.count
        }
    }

    /// An option that was cut out, and the octets after its kind and length.
    private init(_ element: TCPOptionReader.Element, data: Span<UInt8>) {
        guard element.isInForm else {
            self = .raw(kind: element.kind, length: element.length, data: [UInt8](copying: data))
            return
        }
        switch element.kind {
        case Kind.endOfOptionList: self = .endOfOptionList
        case Kind.noOperation: self = .noOperation
        case Kind.maximumSegmentSize: self = .maximumSegmentSize(data.bigEndianUInt16(at: 0))
        case Kind.windowScale: self = .windowScale(data[0])
        case Kind.sackPermitted: self = .sackPermitted
        case Kind.sack:
            var blocks: [SACKBlock] = []
            for start in stride(from: 0, to: data.count, by: 8) {
                let leftEdge = SequenceNumber(rawValue: data.bigEndianUInt32(at: start))
                let rightEdge = SequenceNumber(rawValue: data.bigEndianUInt32(at: start + 4))
                blocks.append(SACKBlock(leftEdge: leftEdge, rightEdge: rightEdge))
            }
            self = .sack(blocks)
        case Kind.timestamps:
            self = .timestamps(value: data.bigEndianUInt32(at: 0), echoReply: data.bigEndianUInt32(at: 4))
        case Kind.fastOpenCookie: self = .fastOpenCookie([UInt8](copying: data))
        case Kind.md5Signature: self = .md5Signature([UInt8](copying: data))
        case Kind.authentication:
            self = .authentication(
                keyID: data[0], nextKeyID: data[1], code: [UInt8](copying: data.extracting(2...)))
        case Kind.multipath: self = .multipath([UInt8](copying: data))
        default: self = .raw(kind: element.kind, length: element.length, data: [UInt8](copying: data))
        }
    }

    /// Appends the option to an output with room for it.
    @_lifetime(output: copy output)
    private func append(to output: inout OutputSpan<UInt8>) {
        output.append(kind)
        switch self {
        case .endOfOptionList, .noOperation:
            return
        case .raw(_, let length, _):
            if let length { output.append(length) }
        default:
            output.append(UInt8(encodedLength))
        }
        switch self {
        case .endOfOptionList, .noOperation, .sackPermitted: break
        case .maximumSegmentSize(let size): output.append(bigEndian: size)
        case .windowScale(let shift): output.append(shift)
        case .sack(let blocks):
            for block in blocks {
                output.append(bigEndian: block.leftEdge.rawValue)
                output.append(bigEndian: block.rightEdge.rawValue)
            }
        case .timestamps(let value, let echoReply):
            output.append(bigEndian: value)
            output.append(bigEndian: echoReply)
        case .fastOpenCookie(let data), .md5Signature(let data), .multipath(let data), .raw(_, _, let data):
            output.append(copying: data.span)
        case .authentication(let keyID, let nextKeyID, let code):
            output.append(keyID)
            output.append(nextKeyID)
            output.append(copying: code.span)
        }
    }
}
