import CaptureFilter

extension SegmentEngine {
    /// Gives an endpoint another filter, or none; one that runs receives by it from the end of the turn on.
    mutating func setFilter(_ filter: CaptureFilter?, of endpoint: EndpointRuntime) {
        endpoint.definition.filter = filter
        applyFilter(of: endpoint)
    }

    /// Puts the filter of a running endpoint in force: in the kernel where it has a socket for itself, else here.
    mutating func applyFilter(of endpoint: EndpointRuntime) {
        guard let socket = endpoint.socket else { return }
        let filter = endpoint.definition.filter
        slotStates[endpoint.slot].isFiltered = filter != nil && socket.kind == .shared
        guard socket.kind == .own, socket.captureFilter != filter else { return }
        socket.captureFilter = filter
        markStale(socket)
    }

    /// Whether the endpoint at a place receives a datagram; counts one that it does not.
    func admits(_ datagram: Span<UInt8>, at slot: Int) -> Bool {
        guard let endpoint = slots[slot], let filter = endpoint.definition.filter, !filter.admits(datagram) else {
            return true
        }
        endpoint.counters.filtered.add()
        handle.totals.filtered.add()
        return false
    }
}
