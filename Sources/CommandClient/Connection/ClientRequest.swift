import JSONText

/// What is asked of the service.
struct ClientRequest {
    /// What the body of a request may be.
    enum BodyType: String {
        case json = "application/json"
        case mergePatch = "application/merge-patch+json"
        case pcap = "application/vnd.tcpdump.pcap"
        case pcapng = "application/x-pcapng"
    }

    var method: String
    /// Encoded, as it goes into the URL.
    private(set) var path: String
    var query: [(name: String, value: String)] = []
    var body: (octets: [UInt8], type: BodyType)?
    /// The type that the answer is to have; `nil`, any.
    var accept: String?
    /// How long the service is asked to hold its answer.
    var heldFor: WaitTime = .none

    /// Takes the parts of the path, which are encoded here.
    init(_ method: String, _ path: String...) {
        self.method = method
        self.path = path.map { "/" + PercentEncoding.encode($0) }.joined()
    }

    /// Adds a parameter where there is a value.
    mutating func ask(_ name: String, _ value: String?) {
        if let value { query.append((name, value)) }
    }

    mutating func ask(_ name: String, _ value: Int?) {
        ask(name, value.map { String($0) })
    }

    /// Has the service hold the answer.
    mutating func hold(_ wait: WaitTime?) {
        guard let wait else { return }
        ask("wait", wait.text)
        heldFor = wait
    }

    mutating func carry(_ value: JSONValue) {
        body = (value.octets, .json)
    }

    /// Path and query, as they go into the URL.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}
