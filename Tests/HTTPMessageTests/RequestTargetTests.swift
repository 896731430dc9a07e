import HTTPMessage
import Testing

@Suite struct RequestTargetTests {
    @Test(
        arguments: [
            ("/", [], []),
            ("/?", [], []),
            ("/a", ["a"], []),
            ("/a/", ["a", ""], []),
            ("//", ["", ""], []),
            ("/a%2Fb/%3F%23%25", ["a/b", "?#%"], []),
            ("/%2e%2e/%2E", ["..", "."], []),
            ("/%C3%A9%20", ["é "], []),
            ("/a?b", ["a"], [("b", "")]),
            ("/a?b=1&&c=2=3&d=", ["a"], [("b", "1"), ("c", "2=3"), ("d", "")]),
            ("/a?filter=tcp[tcpflags]+1&x=%26%3D%2B", ["a"], [("filter", "tcp[tcpflags]+1"), ("x", "&=+")]),
            ("/a?b?c", ["a"], [("b?c", "")]),
        ] as [(String, [String], [(String, String)])])
    func takesApart(target: String, path: [String], query: [(String, String)]) throws {
        let parsed = try RequestTarget.parse(target, method: "GET")
        #expect(parsed.path == path)
        #expect(parsed.query.map(\.name) == query.map(\.0))
        #expect(parsed.query.map(\.value) == query.map(\.1))
    }

    @Test(
        arguments: [
            "", "a", "*", "http://localhost/", "localhost:80", "/%", "/%4", "/%4g", "/%00", "/%1F", "/%7f", "/%ff",
            "/%C3",
            "/%ED%A0%80", "/a b", "/a\u{1}", "/é", "/a#b", "/?%", "/?a=%00",
        ])
    func refuses(target: String) {
        let problem = #expect(throws: Problem.self) { try RequestTarget.parse(target, method: "GET") }
        #expect(problem?.status == 400)
        #expect(problem?.detail?.hasPrefix("The request target is malformed: ") == true)
    }

    @Test func takesAnAsteriskForOptions() throws {
        #expect(try RequestTarget.parse("*", method: "OPTIONS") == RequestTarget(path: [], query: []))
    }

    @Test func tellsAPlusSignFromABlankOfAForm() throws {
        let parsed = try RequestTarget.parse("/a?x=len+%2B+1+>+5&y=1%2b1&z=a%20b", method: "GET")
        #expect(parsed.query.map(\.value) == ["len+++1+>+5", "1+1", "a b"])
        #expect(parsed.query.map(\.formValue) == ["len + 1 > 5", "1+1", "a b"])
    }
}
