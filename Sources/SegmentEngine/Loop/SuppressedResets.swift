import LinuxSystem
import TCPWire

/// The places whose resets a firewall table keeps back, changed in batches; the table is there while there are any.
struct SuppressedResets: ~Copyable {
    /// Opened when first needed, and then kept, because closing it takes long.
    private var kernel: ResetSuppression?
    private var hasTable = false
    private var places: Set<ResetSuppression.Place> = []
    private var additions: Set<ResetSuppression.Place> = []
    private var removals: Set<ResetSuppression.Place> = []

    /// Finds out whether resets can be kept back.
    mutating func probe() throws(Errno) {
        try prepare()
        try commit()
    }

    /// Sees to it that there is a table.
    mutating func prepare() throws(Errno) {
        guard !hasTable else { return }
        if kernel == nil { kernel = try ResetSuppression() }
        do throws(Errno) {
            try kernel?.makeTable()
        } catch {
            // It may have been made all the same, if only the kernel's answer was lost; it ends with what made it.
            kernel = nil
            throw error
        }
        hasTable = true
        additions = places
        removals = []
    }

    /// Keeps back a place's resets, from the next ``commit()`` on.
    mutating func add(_ local: TransportAddress) {
        let place = Self.place(local)
        places.insert(place)
        if removals.remove(place) == nil { additions.insert(place) }
    }

    /// Keeps them back no longer.
    mutating func remove(_ local: TransportAddress) {
        let place = Self.place(local)
        places.remove(place)
        if additions.remove(place) == nil { removals.insert(place) }
    }

    /// Puts the changes in force, if there are any.
    ///
    /// - Throws: why no resets are kept back, of any place.
    mutating func commit() throws(Errno) {
        guard hasTable else { return }
        do throws(Errno) {
            try change()
        } catch {
            // What of it was done is not known, so the table is made anew.
            discardTable()
            do throws(Errno) {
                try prepare()
                try change()
            } catch {
                discardTable()
                throw error
            }
        }
    }

    private mutating func change() throws(Errno) {
        if places.isEmpty {
            try kernel?.removeTable()
            hasTable = false
        } else {
            if !removals.isEmpty { try kernel?.remove(Array(removals)) }
            if !additions.isEmpty { try kernel?.add(Array(additions)) }
        }
        (additions, removals) = ([], [])
    }

    /// Ends the table whatever state it is in.
    private mutating func discardTable() {
        kernel = nil
        hasTable = false
        (additions, removals) = ([], [])
    }

    private static func place(_ local: TransportAddress) -> ResetSuppression.Place {
        ResetSuppression.Place(address: local.address.rawValue, port: local.port)
    }
}
