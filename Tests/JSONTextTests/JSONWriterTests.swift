import JSONText
import Testing

@Suite struct JSONWriterTests {
    @Test func writesCommasWhereTheyBelong() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("text", "a/b\"\\\n\u{1}\u{1F}é😀")
        writer.member("none", nil as String?)
        writer.member("flag", true)
        writer.member("small", Int8.min)
        writer.member("large", UInt64.max)
        writer.member("real", 0.1)
        writer.member("infinite", Double.infinity)
        writer.member("value", .array([.null, .object([:])]) as JSONValue?)
        writer.member("raw", encoded: [UInt8]("[1]".utf8))
        writer.key("list")
        writer.beginArray()
        writer.value(0)
        writer.beginArray()
        writer.endArray()
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.value(encoded: [UInt8]("{}".utf8))
        writer.value(12.0)
        writer.endArray()
        writer.key("last\"" as String)
        writer.value(false)
        writer.endObject()
        #expect(
            text(writer.octets) == #"{"text":"a/b\"\\\n\u0001\u001fé😀","none":null,"flag":true,"small":-128,"#
                + #""large":18446744073709551615,"real":0.1,"infinite":null,"value":[null,{}],"raw":[1],"#
                + #""list":[0,[],null,{},{},12.0],"last\"":false}"#)
    }

    @Test(arguments: [Int.min, -10, -1, 0, 9, 10, 99, 100, .max])
    func writesIntegers(value: Int) {
        var writer = JSONWriter()
        writer.value(value)
        #expect(text(writer.octets) == "\(value)")
    }

    @Test func writesIntegersOfAnyWidth() {
        var writer = JSONWriter()
        writer.value(Int128.min)
        #expect(text(writer.octets) == "\(Int128.min)")
    }

    @Test(arguments: [
        ([], ""), (["a", "0"], "/a/0"), (["a/b", "m~n", ""], "/a~1b/m~0n/"), (["e\u{301}"], "/e\u{301}"),
    ])
    func writesPointers(tokens: [String], description: String) {
        #expect(JSONPointer(tokens).description == description)
        #expect(tokens.reduce(JSONPointer.root) { $0.appending($1) } == JSONPointer(tokens))
    }
}
