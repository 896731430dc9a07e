import HTTPMessage

/// Decides from its head whether a request may send its body.
///
/// What two readers could take for two different things is refused, not repaired (RFC 9112, section 11.2).
struct RequestGate: Sendable {
    private let configuration: HTTPDaemon.Configuration
    private let hosts: AllowedHosts
    private let authorizer: Authorizer

    /// Takes the port in use, which the configuration may leave open.
    init(_ configuration: HTTPDaemon.Configuration, port: UInt16, authorizer: Authorizer) {
        self.configuration = configuration
        hosts = AllowedHosts(
            port: port, names: configuration.allowedHosts, isEncrypted: configuration.identity != nil)
        self.authorizer = authorizer
    }

    /// Admits a request and takes its target apart, or throws what is to be answered before the connection is closed.
    ///
    /// The order is from what makes the rest doubtful to what concerns the body alone.
    func admit(_ head: RequestHead, checksToken: Bool = true) throws(Problem) -> Admission {
        guard head.version == "HTTP/1.1" || head.version == "HTTP/1.0" else {
            throw Problem(.unsupportedVersion, detail: "Use HTTP/1.1.")
        }
        guard head.isLineWhole else { throw malformed("the request line is not method, target and version") }
        let fields = try notableFields(of: head.headers)
        guard head.areFieldsWhole else {
            throw malformed("a header line is folded, has no name, does not end in CR and LF, or holds a NUL")
        }
        try checkHost(fields, localAddress: head.localAddress)
        try checkOrigin(fields, localAddress: head.localAddress)
        try checkFraming(fields, version: head.version)
        guard Self.isToken(head.method) else { throw malformed("the method is not a token") }
        guard head.target.utf8.count <= configuration.targetLimit else {
            throw Problem(.targetTooLong, detail: "The limit is \(configuration.targetLimit) octets.")
        }
        var admission = Admission(target: try RequestTarget.parse(head.target, method: head.method))
        if checksToken { try authorizer.check(head, admission.target) }
        admission.isChunked = !fields.codings.isEmpty
        guard admission.isChunked || !fields.lengths.isEmpty else { return admission }
        // Too long for `Int` is too long for us.
        admission.bodyLength = fields.lengths.first.map { Int($0) ?? .max } ?? 0
        if admission.hasBody { try checkContentType(fields) }
        guard admission.bodyLength <= configuration.bodyLimit else {
            throw Problem(.bodyTooLarge, detail: "The limit is \(configuration.bodyLimit) octets.")
        }
        return admission
    }

    /// Why a request is not admitted; nothing when it is.
    func refusal(of head: RequestHead) -> Problem? {
        do throws(Problem) {
            _ = try admit(head)
            return nil
        } catch {
            return error
        }
    }

    /// The fields that decide, of which a request mostly has one or two.
    private struct NotableFields {
        var host: String?
        var hostCount = 0
        var origins: [String] = []
        var fetchSites: [String] = []
        var lengths: [String] = []
        var codings: [String] = []
        var contentTypes: [String] = []
    }

    /// Checks the form of all fields, and picks those that decide.
    private func notableFields(of headers: HTTPHeaders) throws(Problem) -> NotableFields {
        guard headers.fields.count <= configuration.headerFieldLimit else {
            throw Problem(.headersTooLarge, detail: "The limit is \(configuration.headerFieldLimit) fields.")
        }
        var notable = NotableFields()
        var size = 0
        for field in headers.fields {
            size += field.name.utf8.count + field.value.utf8.count + 4
            guard size <= configuration.headerLimit else {
                throw Problem(.headersTooLarge, detail: "The limit is \(configuration.headerLimit) octets.")
            }
            guard Self.isToken(field.name) else { throw malformed("a header name is not a token") }
            guard Self.isFieldValue(field.value) else {
                throw malformed("the header \(field.name) holds a control character")
            }
            // Their lengths tell nearly all names apart.
            switch field.name.utf8.count {
            case 4 where field.isNamed("Host"):
                notable.host = field.value
                notable.hostCount += 1
            case 12 where field.isNamed("Content-Type"): notable.contentTypes.append(field.value)
            case 6 where field.isNamed("Origin"): notable.origins.append(field.value)
            case 14 where field.isNamed("Content-Length"): notable.lengths.append(field.value)
            case 14 where field.isNamed("Sec-Fetch-Site"): notable.fetchSites.append(field.value)
            case 17 where field.isNamed("Transfer-Encoding"): notable.codings.append(field.value)
            default: break
            }
        }
        return notable
    }

    private func checkHost(_ fields: borrowing NotableFields, localAddress: UInt32) throws(Problem) {
        guard let host = fields.host else { throw malformed("there is no Host header") }
        guard fields.hostCount == 1 else { throw malformed("there is more than one Host header") }
        guard hosts.allows(host: host, localAddress: localAddress) else {
            let shown = host.prefix(64)
            throw Problem(
                .foreignHost,
                detail: "Host \"\(shown)\" is not served here: use localhost, the address or an allowed name.")
        }
    }

    private func checkOrigin(_ fields: borrowing NotableFields, localAddress: UInt32) throws(Problem) {
        for origin in fields.origins where !hosts.allows(origin: origin, localAddress: localAddress) {
            throw Problem(.foreignOrigin, detail: "Origin \"\(origin.prefix(80))\" is another site.")
        }
        if fields.fetchSites.contains("cross-site") {
            throw Problem(.foreignOrigin, detail: "The browser says that another site sent the request.")
        }
    }

    private func checkFraming(_ fields: borrowing NotableFields, version: String) throws(Problem) {
        if let coding = fields.codings.first {
            guard version == "HTTP/1.1" else { throw malformed("Transfer-Encoding needs HTTP/1.1") }
            guard fields.lengths.isEmpty else {
                throw malformed("Content-Length and Transfer-Encoding exclude each other")
            }
            guard fields.codings.count == 1, coding.lowercased() == "chunked" else {
                throw malformed("of transfer codings only \"chunked\" is known")
            }
        }
        guard let text = fields.lengths.first else { return }
        guard fields.lengths.count == 1 else { throw malformed("there is more than one Content-Length") }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw malformed("Content-Length is not a number")
        }
    }

    /// Refuses a body of a type that no resource takes before it comes.
    ///
    /// A body without a type may be anything.
    private func checkContentType(_ fields: borrowing NotableFields) throws(Problem) {
        guard let field = fields.contentTypes.first else { return }
        guard fields.contentTypes.count == 1 else { throw malformed("there is more than one Content-Type") }
        let type = field.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        let types = configuration.bodyTypes
        guard types.isEmpty || types.contains(type) else {
            let known = types.filter { $0 != Self.formType }.sorted().joined(separator: ", ")
            let shown = field.prefix(100)
            throw Problem(.unsupportedMediaType, detail: "Content-Type is \"\(shown)\", must be one of \(known)")
        }
        // What a browser sends to other sites without asking.
        guard type != Self.formType || fields.origins.isEmpty else {
            throw Problem(
                .unsupportedMediaType, detail: "Content-Type is \"\(field.prefix(100))\", must not be with an Origin")
        }
    }

    /// What `curl -d` says of any body, and forms of browsers of theirs.
    private static let formType = "application/x-www-form-urlencoded"

    private func malformed(_ what: String) -> Problem {
        Problem(.malformedRequest, detail: "The request is malformed: \(what).")
    }

    /// Whether the text is a token (RFC 9110, section 5.6.2).
    private static func isToken(_ text: String) -> Bool {
        let octets = text.utf8.span
        for index in octets.indices {
            switch octets[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
                UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
                continue
            default:
                return false
            }
        }
        return !octets.isEmpty
    }

    /// Whether the text has no control characters but tabs (RFC 9110, section 5.5).
    private static func isFieldValue(_ text: String) -> Bool {
        let octets = text.utf8.span
        for index in octets.indices {
            let octet = octets[index]
            guard octet >= 0x20 && octet != 0x7F || octet == 0x09 else { return false }
        }
        return true
    }
}
