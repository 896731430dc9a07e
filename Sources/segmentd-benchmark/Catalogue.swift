/// The paths there are to measure, the most important ones first.
struct Catalogue {
    /// Something to measure.
    struct Path {
        var name: String
        var measure: () throws(BenchmarkError) -> [Row]
    }

    /// The name of what compares other programs.
    static let peers = "peers"

    let scale: Scale
    /// Where to draw the picture; `nil`: nowhere.
    let picture: String?

    var paths: [Path] {
        let sending = SendingPaths(scale: scale)
        let http = HTTPPaths(scale: scale)
        let load = LoadPaths(scale: scale)
        let process = ProcessPaths(scale: scale)
        return [
            Path(name: "send-lo") { () throws(BenchmarkError) in try sending.onLoopback(isVaried: false) },
            Path(name: "send-veth") { () throws(BenchmarkError) in try sending.onVirtualEthernet(isVaried: false) },
            Path(name: "send-varied-lo") { () throws(BenchmarkError) in try sending.onLoopback(isVaried: true) },
            Path(name: "send-varied-veth") { () throws(BenchmarkError) in
                try sending.onVirtualEthernet(isVaried: true)
            },
            Path(name: "receive", measure: ReceivingPaths(scale: scale).measure),
            Path(name: "pair", measure: PairPath(scale: scale).measure),
            Path(name: "endpoints", measure: EndpointsPath(scale: scale, picture: picture).measure),
            Path(name: "create", measure: http.manyEndpoints),
            Path(name: "http-counters", measure: http.counters),
            Path(name: "load-flood", measure: load.flood),
            Path(name: "load-bulk", measure: load.besideBulk),
            Path(name: "encoder", measure: EncoderPath(scale: scale).measure),
            Path(name: "http-post", measure: http.posting),
            Path(name: "http-wait", measure: http.waiting),
            Path(name: "start", measure: process.starting),
            Path(name: "idle", measure: process.idling),
            Path(name: "pacing", measure: PacingPath(scale: scale).measure),
            Path(name: Self.peers, measure: PeerPaths(scale: scale).measure),
        ]
    }
}
