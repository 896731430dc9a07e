import JSONText
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", .null),
            (" true ", .bool(true)),
            ("\t\r\n false", .bool(false)),
            ("0", .number(0)),
            ("-0", .number(JSONNumber(literal: "-0") ?? 1)),
            ("18446744073709551615", .number(JSONNumber(UInt64.max))),
            ("1.5e+3", .number(JSONNumber(literal: "1.5e+3") ?? 1)),
            ("\"\"", .string("")),
            (#""\"\\\/\b\f\n\r\t\u0000\u00e9\uD83D\ude00""#, .string("\"\\/\u{8}\u{C}\n\r\t\u{0}é😀")),
            ("\"é😀\u{7F}\u{2028}\"", .string("é😀\u{7F}\u{2028}")),
            ("[]", .array([])),
            ("[ 1 , [ ] , { } ]", .array([.number(1), .array([]), .object([:])])),
            (#"{"b":1,"a":{"":null}}"#, .object(["b": .number(1), "a": .object(["": .null])])),
            ("{\"e\u{301}\":1,\"é\":2}", .object(JSONObject([("e\u{301}", .number(1)), ("é", .number(2))]))),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        arguments: [
            ("", "line 1, column 1: there is no JSON value"),
            (" \n ", "line 2, column 2: there is no JSON value"),
            ("\u{FEFF}1", "line 1, column 1: a byte order mark is not allowed"),
            ("1 2", "line 1, column 3: unexpected data after the value"),
            ("{}\u{0}", "line 1, column 3: unexpected data after the value"),
            ("nul", "line 1, column 4: the text ends too early"),
            ("nulL", "line 1, column 4: unexpected \"L\""),
            ("NaN", "line 1, column 1: unexpected \"N\""),
            ("01", "line 1, column 1: invalid number"),
            ("-", "line 1, column 2: the text ends too early"),
            ("+1", "line 1, column 1: unexpected \"+\""),
            ("-a", "line 1, column 2: invalid number"),
            (".5", "line 1, column 1: unexpected \".\""),
            ("1.", "line 1, column 3: the text ends too early"),
            ("1.e2", "line 1, column 3: invalid number"),
            ("1e", "line 1, column 3: the text ends too early"),
            ("0x10", "line 1, column 2: unexpected data after the value"),
            ("\"a", "line 1, column 3: the text ends too early"),
            ("'a'", "line 1, column 1: unexpected \"'\""),
            ("\"é\n\"", "line 1, column 3: octet 0x0A in a string must be escaped"),
            (#""\x""#, "line 1, column 2: invalid escape in a string"),
            (#""\u12g4""#, "line 1, column 2: invalid escape in a string"),
            (#""\u12"#, "line 1, column 6: the text ends too early"),
            (#""\ud800""#, "line 1, column 2: half of a surrogate pair"),
            (#""\ud800\u0041""#, "line 1, column 2: half of a surrogate pair"),
            (#""\ude00\ud83d""#, "line 1, column 2: half of a surrogate pair"),
            ("[1,]", "line 1, column 4: unexpected \"]\""),
            ("[1 2]", "line 1, column 4: unexpected \"2\""),
            ("[", "line 1, column 2: the text ends too early"),
            ("[1", "line 1, column 3: the text ends too early"),
            ("{\"a\":1,}", "line 1, column 8: unexpected \"}\""),
            ("{a:1}", "line 1, column 2: unexpected \"a\""),
            ("{\"a\" 1}", "line 1, column 6: unexpected \"1\""),
            ("{\"a\":}", "line 1, column 6: unexpected \"}\""),
            ("{1:2}", "line 1, column 2: unexpected \"1\""),
            ("// no\n1", "line 1, column 1: unexpected \"/\""),
            ("{\"window\":  200,\"window\":1}", "line 1, column 17: duplicate key \"window\""),
            (#"{"a":1,"\u0061":1}"#, "line 1, column 8: duplicate key \"a\""),
        ])
    func refuses(text: String, description: String) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.description == description)
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8],
            [0x80], [0xE2, 0x82], [0xFF], [0xE2, 0x5C, 0x6E, 0x82, 0xAC],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(octets: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0x61] + octets + [0x22]) }
        #expect(error?.reason == .notUTF8)
        #expect(error?.offset == 2)
    }

    @Test func saysWhereADuplicateKeyIs() {
        let error = #expect(throws: JSONError.self) { try parse(#"{"a/b":[0,{"c":1,"c":2}]}"#) }
        #expect(error?.pointer?.description == "/a~1b/1/c")
        #expect(error?.offset == 17)
    }

    @Test func findsADuplicateAmongManyKeys() {
        let keys = (0..<50_000).map { "\"k\($0)\":0" }
        #expect(throws: Never.self) { try parse("{" + keys.joined(separator: ",") + "}") }
        for index in [0, 15, 16, 17, 49_999] {
            let error = #expect(throws: JSONError.self) {
                try parse("{" + keys.joined(separator: ",") + ",\(keys[index])}")
            }
            #expect(error?.pointer?.description == "/k\(index)")
        }
    }

    @Test func boundsDepthAndNumbers() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(32)) }
        #expect(throws: JSONError.self) { try parse(nested(33)) }
        for bomb in ["[", "{\"a\":", "[{\"a\":"] {
            let error = #expect(throws: JSONError.self) { try parse(String(repeating: bomb, count: 1_000_000)) }
            #expect(error?.reason == .tooDeep(limit: 32))
        }
        #expect(throws: Never.self) { try parse(String(repeating: "1", count: 256)) }
        let error = #expect(throws: JSONError.self) { try parse(String(repeating: "1", count: 257)) }
        #expect(error?.reason == .numberTooLong(limit: 256))
    }

    @Test func everyPrefixAndFlippedBitReadsOrThrows() throws {
        let sample = [UInt8](#"{"a":[1,-2.5e3,"é\n\ud83d\ude00",true,null,{}],"b":{"c":"x"},"d":false}"#.utf8)
        for length in 0..<sample.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(sample[..<length])) }
        }
        for bit in 0..<sample.count * 8 {
            var octets = sample
            octets[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let value = try? JSONParser.parse(octets) else { continue }
            // What is read can be written and read again.
            #expect(try JSONParser.parse(value.octets) == value)
        }
    }

    @Test(
        arguments: [
            ("12", 12, 12), ("-7", -7, -7), ("1e3", nil, 1000), ("1.0", nil, 1), ("9223372036854775808", nil, 0x1p63),
            ("1e400", nil, nil), ("-0", 0, 0),
        ] as [(String, Int?, Double?)])
    func tellsWhichNumberItIs(literal: String, integer: Int?, double: Double?) throws {
        let number = try #require(JSONNumber(literal: literal))
        #expect(number.integer == integer)
        #expect(number.double == double)
    }

    @Test(
        arguments: [
            ("12", 12), ("7.0", 7), ("-7.00", -7), ("1e3", 1000), ("2.5e1", 25), ("9007199254740992.0", 1 << 53),
            ("9223372036854775807", Int.max), ("7.5", nil), ("1e-1", nil), ("9007199254740994.0", nil), ("1e400", nil),
        ] as [(String, Int?)])
    func tellsWhetherItIsWhole(literal: String, whole: Int?) throws {
        #expect(try #require(JSONNumber(literal: literal)).wholeNumber == whole)
    }
}
