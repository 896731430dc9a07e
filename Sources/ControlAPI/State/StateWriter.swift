import StateStore

/// Where a journal writes; every call may wait for the disk.
protocol StateWriter: Sendable {
    var path: String { get }

    /// Writes changes, all of them or none.
    func write(_ changes: StateChanges) throws(StateStoreError)

    func close() throws(StateStoreError)
}

extension StateStore: StateWriter {}
