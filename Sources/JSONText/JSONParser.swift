/// A strict reader of JSON texts (RFC 8259).
///
/// It refuses what the RFC refuses and, of what the RFC leaves open, byte order marks, duplicate keys, halves of
/// surrogate pairs, deep nesting and numbers of absurd length.
package enum JSONParser {
    /// How many arrays and objects may be open at once, unless told otherwise.
    package static let maximumDepth = 32
    /// The length a number's literal may have.
    package static let maximumNumberLength = 256

    /// Reads the one value that `octets` hold.
    ///
    /// The stack in use grows with `maximumDepth`, the number of arrays and objects that may be open at once.
    package static func parse(_ octets: Span<UInt8>, maximumDepth: Int = JSONParser.maximumDepth) throws(JSONError)
        -> JSONValue
    {
        var reader = JSONReader(octets, maximumDepth: maximumDepth)
        return try reader.text()
    }

    /// Reads the one value that `octets` hold.
    package static func parse(_ octets: [UInt8], maximumDepth: Int = JSONParser.maximumDepth) throws(JSONError)
        -> JSONValue
    {
        try parse(octets.span, maximumDepth: maximumDepth)
    }
}
