import JSONText
import SegmentEngine
import TCPWire

/// Reads what must hold of a segment.
struct ExpectationReader {
    private static let maximumAlternatives = 256

    /// The steps before, that numbers may be taken from.
    let steps: StepNumberReader

    func expectation(_ reader: FieldReader) -> SegmentExpectation {
        var expectation = SegmentExpectation()
        guard let object = reader.object() else { return expectation }
        defer { object.reportUnknown() }
        expectation.flags = object["flags"]?.flags() ?? []
        expectation.withoutFlags = object["withoutFlags"]?.flags() ?? []
        let contradiction = expectation.flags.intersection(expectation.withoutFlags).names
        if !contradiction.isEmpty {
            object["withoutFlags"]?.report("\(contradiction.joined(separator: ", ")) cannot be set and not set")
        }
        expectation.payload = object["payload"].flatMap(payload)
        if let checksum = object["checksum"] { read(checksum: checksum, into: &expectation) }
        for field in ExpectedField.ofSegment where field != .checksum {
            read(object[field.rawValue], field, into: &expectation)
        }
        if let header = object["ip"]?.object() {
            defer { header.reportUnknown() }
            for field in ExpectedField.ofInternetHeader {
                read(header[field.lastName], field, into: &expectation)
            }
        }
        return expectation
    }

    private func read(checksum reader: FieldReader, into expectation: inout SegmentExpectation) {
        if case .string(let text) = reader.value, let test = SegmentExpectation.ChecksumTest(rawValue: text) {
            expectation.checksum = test
        } else {
            read(reader, .checksum, into: &expectation)
        }
    }

    private func read(_ reader: FieldReader?, _ field: ExpectedField, into expectation: inout SegmentExpectation) {
        guard let reader, let pattern = pattern(reader, of: field) else { return }
        expectation.numbers.append(SegmentExpectation.NumberTest(field, pattern))
    }

    private func payload(_ reader: FieldReader) -> SegmentExpectation.PayloadTest? {
        guard case .object(let members) = reader.value, members["contains"] != nil, let object = reader.object(),
            let contained = object["contains"]
        else { return .exactly(PayloadReader.octets(reader)) }
        defer { object.reportUnknown() }
        return .contains(PayloadReader.octets(contained))
    }

    private func pattern(_ reader: FieldReader, of field: ExpectedField) -> NumberPattern? {
        guard case .object = reader.value, !field.isFlag, let object = reader.object() else {
            return value(reader, of: field).map(NumberPattern.exactly)
        }
        if field.isSequence, object.has("received") {
            return steps.number(object, at: reader).map(NumberPattern.received)
        }
        defer { object.reportUnknown() }
        let (first, last) = (object["from"], object["to"])
        let (mask, bits) = (object["mask"], object["value"])
        let list = object["anyOf"]
        switch (first ?? last, mask ?? bits, list) {
        case (.some, nil, nil): return range(from: first, to: last, of: field, at: reader)
        case (nil, .some, nil): return self.bits(mask: mask, value: bits, of: field, at: reader)
        case (nil, nil, .some(let list)): return anyOf(list, of: field)
        default:
            reader.report("must be a value, {\"from\": …, \"to\": …}, {\"mask\": …, \"value\": …} or {\"anyOf\": […]}")
            return nil
        }
    }

    private func range(
        from first: FieldReader?, to last: FieldReader?, of field: ExpectedField, at reader: FieldReader
    ) -> NumberPattern? {
        let low = first.map { value($0, of: field) } ?? 0
        let high = last.map { value($0, of: field) } ?? field.maximum
        guard let low, let high else { return nil }
        guard low <= high || field.isSequence else {
            reader.report("ends before it begins")
            return nil
        }
        return .range(from: low, to: high)
    }

    private func bits(
        mask: FieldReader?, value bits: FieldReader?, of field: ExpectedField, at reader: FieldReader
    ) -> NumberPattern? {
        guard let mask, let bits else {
            reader.report("must have both mask and value")
            return nil
        }
        guard let mask = value(mask, of: field), let set = value(bits, of: field) else { return nil }
        guard set & ~mask == 0 else {
            bits.report("has bits that the mask has not, so nothing could be as expected")
            return nil
        }
        return .bits(mask: mask, value: set)
    }

    private func anyOf(_ list: FieldReader, of field: ExpectedField) -> NumberPattern? {
        guard let elements = list.array(upTo: Self.maximumAlternatives) else { return nil }
        guard !elements.isEmpty else {
            list.report("has no values, must have 1…\(Self.maximumAlternatives)")
            return nil
        }
        return .anyOf(
            elements.compactMap { element in
                guard case .object(let members) = element.value, members["anyOf"] != nil else {
                    return pattern(element, of: field)
                }
                element.report("anyOf has no anyOf in it")
                return nil
            })
    }

    private func value(_ reader: FieldReader, of field: ExpectedField) -> UInt64? {
        if field.isFlag { return reader.bool().map { $0 ? 1 : 0 } }
        if field.isAddress, case .string(let text) = reader.value, !text.hasPrefix("0x") {
            return reader.address().map { UInt64($0.rawValue) }
        }
        return reader.integer(in: 0...Int(field.maximum)).map { UInt64($0) }
    }
}
