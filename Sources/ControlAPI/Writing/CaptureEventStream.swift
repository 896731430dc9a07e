import HTTPMessage
import JSONText
import SegmentEngine

/// Segments as server-sent events (HTML Living Standard §9.2).
struct CaptureEventStream: BodySource {
    /// How many segments are written at a time.
    static let pageLimit = 64

    private var follower: CaptureFollower
    private var segments: SegmentJSON
    /// Its place among the requests that are held.
    private let place: WaitingPlaces.Place
    /// What is sent before all else, so that the client has the head of the answer.
    private var greeting: [UInt8]?
    private var isOver = false

    init(_ follower: CaptureFollower, segments: SegmentJSON, instance: String, place: WaitingPlaces.Place) {
        self.follower = follower
        self.segments = segments
        self.place = place
        greeting = [UInt8](": instance \(instance)\n\n".utf8)
    }

    mutating func nextPiece(ringing bell: BodyBell) -> BodyPiece {
        if let greeting {
            self.greeting = nil
            return .octets(greeting)
        }
        guard !isOver else { return .end }
        switch follower.next(wake: { bell.ring() }) {
        case .page(let page): return .octets(events(of: page))
        case .quiet: return .octets([UInt8](": quiet\n\n".utf8))
        case .later: return .later
        case .end:
            isOver = true
            return .octets([UInt8](": the endpoint is gone\n\n".utf8))
        }
    }

    private mutating func events(of page: CapturePage) -> [UInt8] {
        var octets: [UInt8] = []
        if page.hasLosses {
            // Whoever resumes after it is not told again.
            let cursor = page.items.first.map { $0.number - 1 } ?? page.next
            octets += "event: gap\nid: \(cursor)\ndata: ".utf8
            octets += json { json in
                json.beginObject()
                json.member("kernel", page.lostInKernel)
                json.member("ring", page.lostInRing)
                json.endObject()
            }
            octets += "\n\n".utf8
        }
        for item in page.items {
            octets += "id: \(item.number)\ndata: ".utf8
            octets += json { json in segments.write(item, of: page, to: &json) }
            octets += "\n\n".utf8
        }
        return octets
    }

    private func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 1024)
        write(&json)
        return json.octets
    }
}
