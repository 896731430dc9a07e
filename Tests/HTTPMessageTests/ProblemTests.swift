import HTTPMessage
import JSONText
import Testing

@Suite struct ProblemTests {
    private static let invalidField = ProblemType("invalid-field", status: 422, title: "A field is invalid")

    @Test func isEncodedInOrder() {
        let problem = Problem(
            Self.invalidField, detail: "Look.",
            violations: [
                .init(pointer: JSONPointer(["steps", "0", "a/b"]), detail: "70000 is not in 0…65535"),
                .init(parameter: "wait", detail: "no duration"),
            ], extensions: [("holder", .string("server"))])
        let response = HTTPResponse(problem.allowing(["GET", "POST"]).retryAfter(seconds: 2))
        #expect(response.status == 422)
        #expect(
            response.headers == [
                HTTPField("Content-Type", "application/problem+json"), HTTPField("Allow", "GET, POST"),
                HTTPField("Retry-After", "2"),
            ])
        #expect(
            String(decoding: response.body, as: UTF8.self) == """
                {"type":"/problems/invalid-field","title":"A field is invalid","status":422,"detail":"Look.",\
                "violations":[{"pointer":"/steps/0/a~1b","detail":"70000 is not in 0…65535"},\
                {"parameter":"wait","detail":"no duration"}],"holder":"server"}

                """)
    }

    @Test func leavesOutWhatThereIsNot() {
        let body = HTTPResponse(Problem(Self.invalidField)).body
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"type":"/problems/invalid-field","title":"A field is invalid","status":422}"# + "\n")
    }

    @Test func saysWhereJSONIsWrong() throws {
        let error = try #require(
            #expect(throws: JSONError.self) { try JSONParser.parse([UInt8](#"{"a":1,"a":2}"#.utf8)) })
        let problem = Problem(error)
        #expect(problem.status == 400)
        #expect(problem.detail == #"The body is not JSON: line 1, column 8: duplicate key "a"."#)
        #expect(problem.violations == [.init(pointer: JSONPointer(["a"]), detail: #"duplicate key "a""#)])
    }
}
