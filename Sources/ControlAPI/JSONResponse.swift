import HTTPMessage
import JSONText

extension HTTPResponse {
    /// A response that carries the JSON that `write` writes, with a line end for terminals.
    ///
    /// Room for so many octets is made at once, more when they are needed.
    init(
        status: Int, headers: [HTTPField] = [], reservingCapacity capacity: Int = 1024,
        _ write: (inout JSONWriter) -> Void
    ) {
        var json = JSONWriter(reservingCapacity: capacity)
        write(&json)
        json.endLine()
        self.init(status: status, json: json.finish(), headers: headers)
    }
}
