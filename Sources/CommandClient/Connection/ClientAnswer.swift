import JSONText

/// What the service answered, whole.
struct ClientAnswer {
    var status: Int
    var octets: [UInt8]
    /// The answer's JSON; `null` where it has no body.
    var json: JSONValue = .null

    init(status: Int, octets: [UInt8]) {
        self.status = status
        self.octets = octets
    }

    /// Reads JSON from the answer.
    static func json(status: Int, octets: [UInt8]) throws(ClientFailure) -> ClientAnswer {
        var answer = ClientAnswer(status: status, octets: octets)
        guard !octets.isEmpty else { return answer }
        do throws(JSONError) {
            answer.json = try JSONParser.parse(octets)
        } catch {
            throw ClientFailure(.unreachable, "this is no answer of segmentd: \(error)")
        }
        return answer
    }
}
