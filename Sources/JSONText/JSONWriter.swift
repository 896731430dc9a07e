/// Writes compact JSON, one value after the other, into one buffer.
///
/// Commas and colons come by themselves; the caller sees to it that what is begun is ended, and that in an object
/// keys and values take turns.
package struct JSONWriter: Sendable {
    /// What has been written.
    package private(set) var octets: [UInt8] = []
    /// Whether a value has just ended, so that the next one needs a comma.
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 256) {
        octets.reserveCapacity(capacity)
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }

    package mutating func endObject() { end(UInt8(ascii: "}")) }

    package mutating func beginArray() { begin(UInt8(ascii: "[")) }

    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a key that needs no escapes.
    package mutating func key(_ key: StaticString) {
        separate()
        octets.append(UInt8(ascii: "\""))
        octets.append(key)
        octets.append(UInt8(ascii: "\""))
        octets.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func key(_ key: String) {
        separate()
        octets.appendQuoted(key.utf8.span)
        octets.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func null() {
        separate()
        octets.append("null" as StaticString)
    }

    package mutating func value(_ value: Bool) {
        separate()
        octets.append((value ? "true" : "false") as StaticString)
    }

    package mutating func value(_ value: String) {
        separate()
        octets.appendQuoted(value.utf8.span)
    }

    package mutating func value(_ value: some FixedWidthInteger) {
        separate()
        if let magnitude = UInt64(exactly: value.magnitude) {
            octets.append(magnitude, isNegative: value < 0)
        } else {
            octets.append(contentsOf: String(value).utf8)
        }
    }

    /// Writes the shortest literal that reads back as `value`, and `null` for what JSON has no number for.
    package mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        octets.append(contentsOf: value.description.utf8)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .number(let number):
            separate()
            octets.append(contentsOf: number.literal.utf8)
        case .string(let string): self.value(string)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Writes a value that is JSON already.
    package mutating func value(encoded: [UInt8]) {
        separate()
        octets.append(contentsOf: encoded)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        octets.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        octets.append(bracket)
        needsComma = true
    }

    /// Makes room for a key or value; what follows it will need a comma.
    private mutating func separate() {
        if needsComma { octets.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
