import Synchronization

/// How many requests may be held at a time.
package final class WaitingPlaces: Sendable {
    /// One of them, free again when nobody has it any more.
    package final class Place: Sendable {
        private let places: WaitingPlaces

        fileprivate init(_ places: WaitingPlaces) {
            self.places = places
        }

        deinit {
            places.taken.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    package let limit: Int
    private let taken = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// How many are taken now.
    package var takenCount: Int { taken.load(ordering: .relaxed) }

    /// A place, unless all are taken.
    package func take() -> Place? {
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            taken.wrappingSubtract(1, ordering: .relaxed)
            return nil
        }
        return Place(self)
    }
}
