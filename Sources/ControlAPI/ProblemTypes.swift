package import HTTPMessage

extension ProblemType {
    package static let invalidField = ProblemType(
        "invalid-field", status: 422, title: "A field is not valid")
    package static let notFound = ProblemType(
        "not-found", status: 404, title: "There is no such resource")
    package static let methodNotAllowed = ProblemType(
        "method-not-allowed", status: 405, title: "The resource does not have that method")
    package static let notAcceptable = ProblemType(
        "not-acceptable", status: 406, title: "The resource has no such representation")
    package static let idInUse = ProblemType(
        "id-in-use", status: 409, title: "Another endpoint has this id")
    package static let pathInUse = ProblemType(
        "path-in-use", status: 409, title: "Another endpoint plays these addresses and ports")
    package static let portHeld = ProblemType(
        "port-held", status: 409, title: "The port is held")
    package static let endpointStopped = ProblemType(
        "endpoint-stopped", status: 409, title: "The endpoint is stopped")
    package static let cursorGone = ProblemType(
        "cursor-gone", status: 410, title: "The segments after this cursor are gone")
    package static let destinationNotAllowed = ProblemType(
        "destination-not-allowed", status: 403, title: "Segments may not be sent there")
    package static let sourceNotAllowed = ProblemType(
        "source-not-allowed", status: 403, title: "Segments may not be sent as from there")
    package static let tooManyEndpoints = ProblemType(
        "too-many-endpoints", status: 429, title: "There are as many endpoints as there may be")
    package static let tooManyTransmissions = ProblemType(
        "too-many-transmissions", status: 429, title: "As many transmissions are under way as may be")
    package static let tooManyQueuedOctets = ProblemType(
        "too-many-queued-octets", status: 429, title: "As many octets are queued as may be")
    package static let tooManyWaiters = ProblemType(
        "too-many-waiters", status: 503, title: "As many requests are held as may be")
    package static let tooManyRuns = ProblemType(
        "too-many-runs", status: 429, title: "As many runs are live as may be")
    package static let keyRunning = ProblemType(
        "idempotency-key-running", status: 409, title: "The request with this key is not answered yet")
    package static let answerNotKept = ProblemType(
        "answer-not-kept", status: 409, title: "The request with this key was answered, by more than is kept")
    package static let keyReused = ProblemType(
        "idempotency-key-reused", status: 422, title: "The key is that of another request")
    package static let tooManyKeys = ProblemType(
        "too-many-idempotency-keys", status: 503, title: "As many requests with keys are under way as may be")
    package static let noRawSocket = ProblemType(
        "no-raw-socket", status: 503, title: "A raw socket cannot be opened")
    package static let guardUnavailable = ProblemType(
        "guard-unavailable", status: 503, title: "The kernel guard cannot be had")
    package static let namespaceUnavailable = ProblemType(
        "namespace-unavailable", status: 503, title: "The network namespace cannot be worked in")
    package static let notReady = ProblemType(
        "not-ready", status: 503, title: "The service cannot do its work")
    package static let engineBusy = ProblemType(
        "engine-busy", status: 503, title: "The engine has too much to do")
    package static let stateUnavailable = ProblemType(
        "state-unavailable", status: 503, title: "Changes cannot be kept, so none is made")
    package static let stateNotKept = ProblemType(
        "state-not-kept", status: 507, title: "The change is made, but not kept")
    package static let engineStalled = ProblemType(
        "engine-stalled", status: 503, title: "The engine does not answer")
}
