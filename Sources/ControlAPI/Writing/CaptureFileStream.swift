import CaptureFile
import HTTPMessage
import SegmentEngine
import TCPWire

/// Captured segments as a pcapng file, written as the client takes it.
struct CaptureFileStream: BodySource {
    /// Where its segments come from.
    enum Source: Sendable {
        /// What there is, and then the end.
        case extract(CaptureExtract)
        /// What comes, for as long as the client likes; it has a place among the requests that are held.
        case follower(CaptureFollower, place: WaitingPlaces.Place)
    }

    /// The service's own network namespace.
    private static let ownInterface = CaptureFileWriter.Interface(
        name: "default", description: "the network namespace of segmentd")

    private var source: Source
    private let directory: EndpointDirectory
    /// The network namespaces that the file has told of as interfaces, in order; the first is the service's own.
    private var namespaces: [String?] = [nil]
    /// What the file begins with, until it is written.
    private var beginning: [UInt8]?
    private var isOver = false
    private var lostInKernel: UInt64 = 0
    private var lostInRing: UInt64 = 0
    /// Of these, how many no packet tells of yet.
    private var untold: UInt64 = 0
    private var latest: Int64 = 0

    init(_ source: Source, naming directory: EndpointDirectory, version: String) {
        self.source = source
        self.directory = directory
        beginning = CaptureFileWriter.beginning(application: "segmentd \(version)", interfaces: [Self.ownInterface])
    }

    mutating func nextPiece(ringing bell: BodyBell) -> BodyPiece {
        if let beginning = beginning.take() { return .octets(beginning) }
        guard !isOver else { return .end }
        switch next(ringing: bell) {
        case .page(let page): return .octets(packets(of: page))
        case .later: return .later
        // So that a connection which nobody reads any more is noticed.
        case .quiet: return .octets(statistics())
        case .end:
            isOver = true
            return .octets(statistics())
        }
    }

    private mutating func next(ringing bell: BodyBell) -> CaptureFollower.Step {
        switch source {
        case .extract(var extract):
            defer { source = .extract(extract) }
            return extract.next().map { .page($0) } ?? .end
        case .follower(var follower, let place):
            defer { source = .follower(follower, place: place) }
            return follower.next(wake: { bell.ring() })
        }
    }

    private mutating func packets(of page: CapturePage) -> [UInt8] {
        lostInKernel += page.lostInKernel
        lostInRing += page.lostInRing
        untold += page.lostInKernel + page.lostInRing
        var piece: [UInt8] = []
        for item in page.items { write(item, of: page, to: &piece) }
        return piece
    }

    private mutating func write(_ item: CapturePage.Item, of page: CapturePage, to piece: inout [UInt8]) {
        let octets = page.datagram(item)
        latest = item.record.timestampNanoseconds
        var packet = CaptureFileWriter.Packet(timestampNanoseconds: latest)
        packet.interface = interface(of: directory.namespace(of: item.record.endpoint), to: &piece)
        packet.originalLength = item.record.kind == .error ? Self.claimedLength(of: octets) : octets.count
        packet.direction = item.record.kind == .received ? .inbound : .outbound
        packet.dropped = untold
        let endpoint = directory.name(of: item.record.endpoint).map { "endpoint=\($0) " } ?? ""
        packet.comment = endpoint + "direction=\(SegmentJSON.direction(of: item.record.kind))"
        untold = 0
        CaptureFileWriter.append(octets, packet, to: &piece)
    }

    /// The number of a network namespace's interface, which the file is told of when it is first needed.
    private mutating func interface(of namespace: String?, to piece: inout [UInt8]) -> Int {
        if let present = namespaces.firstIndex(of: namespace) { return present }
        let name = namespace ?? ""
        CaptureFileWriter.append(
            CaptureFileWriter.Interface(name: name, description: "the network namespace \(name)"), to: &piece)
        namespaces.append(namespace)
        return namespaces.count - 1
    }

    /// How long a datagram says it is, of which a network error has given back the beginning.
    private static func claimedLength(of octets: Span<UInt8>) -> Int {
        guard let header = try? IPv4HeaderView(octets) else { return octets.count }
        return Int(header.totalLength)
    }

    private func statistics() -> [UInt8] {
        var octets: [UInt8] = []
        CaptureFileWriter.appendStatistics(
            at: latest, droppedByKernel: lostInKernel, comment: "lost: kernel=\(lostInKernel) ring=\(lostInRing)",
            to: &octets)
        return octets
    }
}
