import HTTPDaemon
import HTTPMessage
import Testing

/// Requests that are almost right: each is answered or its connection closed, and the server goes on.
@Suite(.timeLimit(.minutes(2))) struct MutationTests {
    private static let sample = [UInt8](
        """
        PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc\
        POST /a%2Fb?c=%20d HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nAccept: */*\r\n\r\n\
        3\r\nabc\r\n0\r\n\r\n
        """.utf8)

    @Test func everyRequestEndsInAnAnswerOrTheEnd() throws {
        let daemon = try start()
        var state: UInt64 = 1
        func random(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for round in 0..<2000 {
            var octets = Self.sample
            for _ in 0...random(below: 3) {
                let place = random(below: octets.count)
                switch random(below: 4) {
                case 0: octets[place] = UInt8(random(below: 256))
                case 1: octets[place] ^= 1 << UInt8(random(below: 8))
                case 2: octets.remove(at: place)
                default: octets.insert(octets[random(below: octets.count)], at: place)
                }
            }
            let client = try Client(port: daemon.port)
            client.send(octets)
            client.finishSending()
            let answer = client.rest()
            guard let answer, answer.isEmpty || answer.hasPrefix("HTTP/1.") else {
                Issue.record("round \(round): \(octets) \(answer ?? "stays open")")
                return
            }
        }
        let client = try Client(port: daemon.port)
        client.send(Self.sample)
        #expect(client.response()?.body == "PUT [\"x\"]  abc")
        #expect(client.response()?.body == "POST [\"a/b\"] c= d abc")
    }
}
