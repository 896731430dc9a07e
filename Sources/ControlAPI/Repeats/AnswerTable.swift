import HTTPMessage

/// The requests with keys that are remembered, and how long.
struct AnswerTable: Sendable {
    /// What is remembered under a key.
    enum Entry: Sendable {
        /// It is being answered, and stays until it has been.
        case running(KeyedRequest)
        case kept(KeyedRequest)
        /// It has been answered, by more than can be kept.
        case tooLarge(RequestFingerprint)

        var fingerprint: RequestFingerprint {
            switch self {
            case .running(let request), .kept(let request): request.fingerprint
            case .tooLarge(let fingerprint): fingerprint
            }
        }
    }

    /// What becomes of a request that comes with a key.
    enum Beginning {
        case new
        case known(Entry)
        /// There is no room, because all that is remembered is running.
        case full
    }

    /// An entry that may go.
    private struct Settled {
        let key: IdempotencyKey
        let octets: Int
        let until: UInt64
    }

    /// What an entry takes besides its texts, in octets; an estimate.
    private static let overhead = 512

    private let maximumKeys: Int
    private let maximumOctets: Int
    private let lifetimeNanoseconds: UInt64
    private var entries: [IdempotencyKey: Entry] = [:]
    /// Requests that have been answered by another thread, and whose responses are not made yet.
    private var answered: [(key: IdempotencyKey, request: KeyedRequest)] = []
    /// What is no longer running, the oldest first, behind those that have gone.
    private var settled: [Settled] = []
    private var goneCount = 0
    private(set) var octets = 0

    init(maximumKeys: Int, maximumOctets: Int, lifetimeNanoseconds: UInt64) {
        self.maximumKeys = maximumKeys
        self.maximumOctets = maximumOctets
        self.lifetimeNanoseconds = lifetimeNanoseconds
    }

    var count: Int { entries.count }

    /// Remembers a request unless its key is known, and forgets what is too old for it.
    mutating func begin(_ key: IdempotencyKey, _ request: KeyedRequest, at now: UInt64) -> Beginning {
        while let oldest, oldest.until <= now { forgetOldest() }
        if let entry = entries[key] { return .known(entry) }
        if entries.count >= maximumKeys, oldest != nil { forgetOldest() }
        guard entries.count < maximumKeys else { return .full }
        entries[key] = .running(request)
        return .new
    }

    /// Notes that a request has been answered; its response is to be made.
    mutating func noteAnswer(to request: KeyedRequest, under key: IdempotencyKey) {
        answered.append((key: key, request: request))
    }

    /// The requests whose responses are to be made.
    mutating func takeAnswered() -> [(key: IdempotencyKey, request: KeyedRequest)] {
        defer { answered.removeAll() }
        return answered
    }

    /// Keeps the response to a request that runs, and forgets the oldest ones to make room for it.
    mutating func keep(_ response: HTTPResponse, to request: KeyedRequest, under key: IdempotencyKey, at now: UInt64) {
        guard isRunning(request, under: key) else { return }
        var size = Self.overhead + key.text.utf8.count + response.body.count
        for field in response.headers { size += field.name.utf8.count + field.value.utf8.count }
        if size <= maximumOctets {
            entries[key] = .kept(request)
        } else {
            entries[key] = .tooLarge(request.fingerprint)
            size = Self.overhead + key.text.utf8.count
        }
        octets += size
        settled.append(Settled(key: key, octets: size, until: now &+ lifetimeNanoseconds))
        while octets > maximumOctets, oldest != nil { forgetOldest() }
    }

    /// Forgets a request that runs, so that it can be tried again.
    mutating func forget(_ request: KeyedRequest, under key: IdempotencyKey) {
        if isRunning(request, under: key) { entries[key] = nil }
    }

    private func isRunning(_ request: KeyedRequest, under key: IdempotencyKey) -> Bool {
        guard case .running(let known)? = entries[key] else { return false }
        return known === request
    }

    private var oldest: Settled? {
        goneCount < settled.count ? settled[goneCount] : nil
    }

    private mutating func forgetOldest() {
        guard let oldest else { return }
        entries[oldest.key] = nil
        octets -= oldest.octets
        goneCount += 1
        // Now and then, so that forgetting one does not move all the others.
        if goneCount * 2 > settled.count {
            settled.removeFirst(goneCount)
            goneCount = 0
        }
    }
}
