import ArgumentParser
import JSONText

/// Numbers of fields: decimal, or hexadecimal after `0x`.
enum Number {
    static func parse(_ argument: String, in range: ClosedRange<Int>) throws -> Int {
        let value = argument.hasPrefix("0x") ? Int(argument.dropFirst(2), radix: 16) : Int(argument)
        guard let value, range.contains(value) else {
            throw ValidationError("'\(argument)' is not in \(range.lowerBound)…\(range.upperBound)")
        }
        return value
    }

    static func octet(_ argument: String) throws -> Int { try parse(argument, in: 0...255) }

    static func nibble(_ argument: String) throws -> Int { try parse(argument, in: 0...15) }

    static func word(_ argument: String) throws -> Int { try parse(argument, in: 0...65_535) }

    static func long(_ argument: String) throws -> Int { try parse(argument, in: 0...4_294_967_295) }

    static func count(_ argument: String) throws -> Int { try parse(argument, in: 1...1_000_000_000_000) }

    static func json(_ number: Int?) -> JSONValue? { number.map { .number(JSONNumber($0)) } }
}
