import Locking
package import Measuring
import Synchronization

/// Counts answers and how long they took; any thread counts, any thread reads.
///
/// There is room for so many routes from the beginning, so that counting takes neither a lock nor memory. What is
/// told apart is bounded: routes, the first digits of statuses, and types of problems.
package final class HTTPMeter: Sendable {
    /// A method and a path as in documents, such as `/endpoints/{id}`.
    package struct Route: Hashable, Sendable {
        package var method: String
        package var path: String

        package init(method: String, path: String) {
            self.method = method
            self.path = path
        }
    }

    private struct Answers: ~Copyable, Sendable {
        /// By the first digit of the status, of which there are five.
        let statuses: [5 of Atomic<UInt64>] = .init { _ in Atomic(0) }
        let durations = DurationHistogram()
    }

    private struct Source: Sendable {
        let gauges: @Sendable () -> HTTPGauges
    }

    /// The number of a request that no route has.
    package static let noRoute = 0
    /// What there are numbers for, ``noRoute`` included.
    package static let capacity = 128

    private let answers: [128 of Answers] = .init { _ in Answers() }
    private let names = Locked([Int: Route]())
    /// By the last part of their type's URI; problems are rare, or cost whoever has them more than a lock.
    private let problems: Locked<[String: UInt64]>
    private let source = Locked<Source?>(nil)

    package init() {
        problems = Locked(Dictionary(uniqueKeysWithValues: ProblemType.refusals.map { ($0.slug, 0) }))
    }

    /// Says which route has a number, from 1 and below ``capacity``.
    package func name(_ number: Int, _ route: Route) {
        precondition((1..<Self.capacity).contains(number), "there is no room for \(Self.capacity) routes")
        names.withLock { names in names[number] = route }
    }

    /// Counts an answer, and how long it took unless that is nobody's concern.
    package func count(route number: Int, status: Int, nanoseconds: UInt64?) {
        answers[number].statuses[max(1, min(status / 100, 5)) - 1].wrappingAdd(1, ordering: .relaxed)
        if let nanoseconds { answers[number].durations.add(nanoseconds: nanoseconds) }
    }

    /// Counts an answer that is a problem of this type.
    package func count(problem slug: String) {
        problems.withLock { problems in problems[slug, default: 0] &+= 1 }
    }

    /// Says who knows what the server has to do, until that is taken back.
    package func attach(_ gauges: @escaping @Sendable () -> HTTPGauges) {
        source.withLock { source in source = Source(gauges: gauges) }
    }

    /// Forgets whom to ask, who is held until then; for a server that stops.
    package func detach() {
        source.withLock { source in source = nil }
    }

    /// What the server has to do at the moment; nothing before there is one, and after it.
    package var gauges: HTTPGauges {
        source.withLock { $0 }?.gauges() ?? HTTPGauges()
    }

    /// The routes that have a name, by their numbers.
    package var routes: [(number: Int, route: Route)] {
        names.withLock { $0 }.sorted { $0.key < $1.key }.map { (number: $0.key, route: $0.value) }
    }

    /// How many answers a route gave, by the first digit of their status, from 1 to 5.
    package func statuses(ofRoute number: Int) -> [UInt64] {
        (0..<5).map { answers[number].statuses[$0].load(ordering: .relaxed) }
    }

    /// How long the answers of a route took.
    package func durations(ofRoute number: Int) -> DurationHistogram.Snapshot {
        answers[number].durations.snapshot
    }

    /// How many answers were problems, by the last part of their type's URI, in its order; those that the server
    /// itself gives are there from the beginning.
    package var problemCounts: [(slug: String, count: UInt64)] {
        problems.withLock { $0 }.sorted { $0.key < $1.key }.map { (slug: $0.key, count: $0.value) }
    }
}
