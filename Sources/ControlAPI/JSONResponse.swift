import HTTPMessage
import JSONText

extension HTTPResponse {
    /// A response that carries the JSON that `write` writes, with a line end for terminals.
    init(status: Int, headers: [HTTPField] = [], _ write: (inout JSONWriter) -> Void) {
        var json = JSONWriter(reservingCapacity: 1024)
        write(&json)
        self.init(status: status, json: json.octets + [UInt8(ascii: "\n")], headers: headers)
    }
}
