import HTTPMessage
import SegmentEngine

/// Transmissions: how far they have come.
struct TransmissionRoutes: Sendable {
    let engine: EngineHandle

    var routes: [Route] {
        [
            .immediate("GET", "/transmissions/{id}") { request, parameters throws(Problem) in
                try QueryReader(request).check()
                guard let number = TransmissionJSON.number(of: parameters[0]),
                    let transmission = engine.transmissions.transmission(number)
                else {
                    throw Problem(
                        .notFound,
                        detail: "there is no transmission \"\(parameters[0].prefix(40))\"; "
                            + "the latest \(engine.transmissions.capacity) are remembered")
                }
                return HTTPResponse(status: 200) { json in TransmissionJSON.write(transmission, to: &json) }
            }
        ]
    }
}
