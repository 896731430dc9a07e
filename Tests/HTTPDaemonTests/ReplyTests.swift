import HTTPMessage
import JSONText
import Testing

@testable import HTTPDaemon

/// Responses that are sent again with other octets.
struct ReplyTests {
    private static func response(_ text: String) -> HTTPResponse {
        HTTPResponse(json: OctetBuffer([UInt8](text.utf8)))
    }

    @Test func aReplyIsTakenAgainForAnotherBodyOfItsLength() throws {
        let stock = ReplyStock()
        let first = try #require(stock.reply(to: Self.response("12345")))
        // It has not left yet.
        #expect(stock.reply(to: Self.response("54321")) !== first)
        stock.putBack(first)
        #expect(stock.reply(to: Self.response("123456")) !== first)
        #expect(stock.reply(to: Self.response("abcde")) === first)
    }

    @Test func onlyUsualAnswersAre() {
        let stock = ReplyStock()
        #expect(stock.reply(to: Self.response(String(repeating: "1", count: ReplyStock.longest))) != nil)
        #expect(stock.reply(to: Self.response(String(repeating: "1", count: ReplyStock.longest + 1))) == nil)
        #expect(stock.reply(to: HTTPResponse(Problem(.starting))) == nil)
        #expect(stock.reply(to: HTTPResponse(json: OctetBuffer([0x31]), headers: [HTTPField("ETag", "1")])) == nil)
    }

    @Test func everyAnswerIsThatOfItsRequest() throws {
        // Lengths that are the same, and lengths that share a place.
        let texts = ["1", "2", String(repeating: "3", count: 65), String(repeating: "4", count: 65), "5", "", "6"]
        let daemon = try HTTPDaemon(configuration: HTTPDaemon.Configuration()) { request in
            .now(Self.response(texts[Int(request.path[0]) ?? 0]))
        }
        let clients = try (0..<3).map { _ in try Client(port: daemon.port) }
        for round in 0..<40 {
            let number = round % texts.count
            for client in clients {
                client.send("GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let answer = client.response()
                #expect(answer?.body == texts[number])
                #expect(answer?.head.contains("Content-Type: application/json\r\n") == true)
            }
        }
    }
}
