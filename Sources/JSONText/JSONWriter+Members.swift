extension JSONWriter {
    package mutating func member(_ key: StaticString, _ value: Bool?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: String?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

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

    /// Writes a member whose value is JSON already.
    package mutating func member(_ key: StaticString, encoded value: [UInt8]) {
        self.key(key)
        self.value(encoded: value)
    }
}
