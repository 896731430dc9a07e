extension JSONWriter {
    package mutating func member(_ key: StaticString, _ value: Bool?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: String?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member whose value needs no escapes.
    package mutating func member(_ key: StaticString, word: StaticString) {
        self.key(key)
        value(word: word)
    }

    package mutating func member(_ key: StaticString, _ value: UInt64?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: Int) {
        self.key(key)
        self.value(value)
    }

    package mutating func member(_ key: StaticString, _ value: UInt32) { member(key, UInt64(value)) }

    package mutating func member(_ key: StaticString, _ value: UInt16) { member(key, UInt64(value)) }

    package mutating func member(_ key: StaticString, _ value: UInt8) { member(key, UInt64(value)) }

    package mutating func member<Integer: FixedWidthInteger>(_ key: StaticString, _ value: Integer?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: Double?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: JSONValue?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member whose value is a string of at most `limit` octets, none of which needs an escape.
    @inline(__always)
    package mutating func member(
        _ key: StaticString, atMost limit: Int, _ write: (inout OutputSpan<UInt8>) -> Void
    ) {
        self.key(key)
        value(atMost: limit, write)
    }

    /// Writes a member whose value is JSON already.
    package mutating func member(_ key: StaticString, encoded value: [UInt8]) {
        self.key(key)
        self.value(encoded: value)
    }
}
