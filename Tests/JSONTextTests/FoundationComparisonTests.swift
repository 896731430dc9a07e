import Foundation
import JSONText
import Testing

/// What the codec writes, Foundation reads as the same, and the other way round.
@Suite struct FoundationComparisonTests {
    /// A JSON value as Foundation's coders see it.
    private enum Reference: Codable, Equatable {
        case null, bool(Bool), integer(Int), double(Double), string(String), array([Reference])
        case object([String: Reference])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .double(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Reference].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Reference].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .bool(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            case .array(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            }
        }

        func isSame(as value: JSONValue) -> Bool {
            switch (self, value) {
            case (.null, .null): true
            case (.bool(let mine), .bool(let other)): mine == other
            case (.integer(let mine), .number(let other)): other.double == Double(mine) && other.integer ?? mine == mine
            case (.double(let mine), .number(let other)): mine == other.double
            case (.string(let mine), .string(let other)): mine.utf8.elementsEqual(other.utf8)
            case (.array(let mine), .array(let other)):
                mine.count == other.count && zip(mine, other).allSatisfy { $0.isSame(as: $1) }
            case (.object(let mine), .object(let other)):
                mine.count == other.members.count
                    && other.members.allSatisfy { member in mine[member.key]?.isSame(as: member.value) ?? false }
            default: false
            }
        }
    }

    @Test(arguments: UInt64(0)..<300)
    func foundationReadsWhatIsWritten(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = JSONValue.random(depth: 4, using: &generator)
        let reference = try JSONDecoder().decode(Reference.self, from: Data(value.octets))
        let isSame = reference.isSame(as: value)
        #expect(isSame)
        #expect(try JSONParser.parse(value.octets) == value)
    }

    @Test(arguments: UInt64(0)..<300, [[], [.prettyPrinted, .sortedKeys]] as [JSONEncoder.OutputFormatting])
    func readsWhatFoundationWrites(seed: UInt64, formatting: JSONEncoder.OutputFormatting) throws {
        var generator = SeededGenerator(seed: seed)
        let value = JSONValue.random(depth: 4, using: &generator)
        let reference = try JSONDecoder().decode(Reference.self, from: Data(value.octets))
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        let written = try JSONParser.parse([UInt8](try encoder.encode(reference)))
        let isSame = reference.isSame(as: written)
        #expect(isSame)
    }

    @Test(arguments: UInt64(0)..<300)
    func foundationReadsWhatIsReadOfMutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let octets = JSONValue.random(depth: 3, using: &generator).octets
        for _ in 0..<50 {
            var mutated = octets
            let place = Int.random(in: 0..<octets.count, using: &generator)
            mutated[place] = UInt8.random(in: .min ... .max, using: &generator)
            guard let value = try? JSONParser.parse(mutated) else { continue }
            let reference = try? JSONDecoder().decode(Reference.self, from: Data(mutated))
            // Foundation has no room for numbers beyond a double's range.
            let isSame = reference?.isSame(as: value) ?? text(mutated).lowercased().contains("e")
            #expect(isSame, "\(text(mutated))")
        }
    }
}
