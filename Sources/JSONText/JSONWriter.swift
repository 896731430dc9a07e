/// Writes compact JSON, one value after the other, into one buffer.
///
/// Commas and colons come by themselves; the caller sees to it that what is begun is ended, and that in an object
/// keys and values take turns.
package struct JSONWriter: ~Copyable {
    private var output: OctetWriter
    /// Whether a value has just ended, so that the next one needs a comma.
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 256) {
        output = OctetWriter(capacity: capacity)
    }

    /// A copy of what has been written.
    package var octets: [UInt8] { output.copy }

    /// Ends writing; the text is not copied.
    package consuming func finish() -> OctetBuffer {
        output.finish()
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }

    package mutating func endObject() { end(UInt8(ascii: "}")) }

    package mutating func beginArray() { begin(UInt8(ascii: "[")) }

    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a key that needs no escapes.
    package mutating func key(_ key: StaticString) {
        write(key, reserving: 0)
        needsComma = false
    }

    /// Writes a member whose value is an integer.
    package mutating func member(_ key: StaticString, _ value: UInt64) {
        write(key, reserving: OctetWriter.longestInteger)
        output.appendReserved(value)
        needsComma = true
    }

    /// Writes a key with one check for the room of it all and of what follows: members with integers are most of what
    /// there is to write.
    @inline(__always)
    private mutating func write(_ key: StaticString, reserving rest: Int) {
        output.reserve(key.utf8CodeUnitCount + 4 + rest)
        if needsComma { output.appendReserved(UInt8(ascii: ",")) }
        output.appendReserved(UInt8(ascii: "\""))
        output.appendReserved(key)
        output.appendReserved(UInt8(ascii: "\""))
        output.appendReserved(UInt8(ascii: ":"))
    }

    /// Writes a key of any text; a literal is taken for one that needs no escapes.
    @_disfavoredOverload
    package mutating func key(_ key: String) {
        separate()
        output.appendQuoted(key.utf8.span)
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func null() {
        separate()
        output.append("null" as StaticString)
    }

    package mutating func value(_ value: Bool) {
        separate()
        output.append((value ? "true" : "false") as StaticString)
    }

    package mutating func value(_ value: String) {
        separate()
        output.appendQuoted(value.utf8.span)
    }

    /// Writes a string that needs no escapes.
    package mutating func value(word: StaticString) {
        separate()
        output.reserve(word.utf8CodeUnitCount + 2)
        output.appendReserved(UInt8(ascii: "\""))
        output.appendReserved(word)
        output.appendReserved(UInt8(ascii: "\""))
    }

    /// Writes a string in UTF-8.
    package mutating func value(text: Span<UInt8>) {
        separate()
        output.appendQuoted(text)
    }

    /// Writes a string of at most `limit` octets, those that `write` appends, none of which needs an escape.
    @inline(__always)
    package mutating func value(atMost limit: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        separate()
        output.append(UInt8(ascii: "\""))
        output.append(atMost: limit, write)
        output.append(UInt8(ascii: "\""))
    }

    package mutating func value(_ value: UInt64) {
        separate()
        output.append(value, isNegative: false)
    }

    package mutating func value(_ value: Int) {
        separate()
        output.append(UInt64(value.magnitude), isNegative: value < 0)
    }

    /// Writes an integer of any type; the common ones have functions of their own, which are many times faster than
    /// what asks the type for everything.
    package mutating func value(_ value: some FixedWidthInteger) {
        literal(String(value))
    }

    /// Writes a number that is JSON already.
    private mutating func literal(_ number: String) {
        separate()
        output.append(number.utf8.span)
    }

    /// Writes the shortest literal that reads back as `value`, and `null` for what JSON has no number for.
    package mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        literal(value.description)
    }

    /// Writes a value that is JSON already, in UTF-8.
    package mutating func value(json: Span<UInt8>) {
        separate()
        output.append(json)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .number(let number): literal(number.literal)
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

    /// Ends a line, for terminals.
    package mutating func endLine() {
        output.append(UInt8(ascii: "\n"))
    }

    /// Writes a value that is JSON already.
    package mutating func value(encoded: [UInt8]) {
        separate()
        output.append(encoded.span)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        output.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        output.append(bracket)
        needsComma = true
    }

    /// Puts a comma between a key or value and what came before it; what follows it will need one.
    @inline(__always)
    private mutating func separate() {
        if needsComma { output.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
