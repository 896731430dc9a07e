/// A JSON value (RFC 8259) as it was written: members in order, numbers as their literals.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The value as compact JSON.
    package var octets: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.octets
    }
}
