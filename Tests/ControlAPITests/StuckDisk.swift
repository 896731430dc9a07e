import LinuxSystem
import StateStore
import Testing

@testable import ControlAPI

/// A disk that neither writes nor fails until it is told to go on.
final class StuckDisk: StateWriter {
    let path = "/stuck"
    let began: EventNotifier
    let goesOn: EventNotifier

    init() throws {
        began = try EventNotifier()
        goesOn = try EventNotifier()
    }

    func write(_ changes: StateChanges) throws(StateStoreError) {
        began.ring()
        do {
            try goesOn.waitForRing()
        } catch {
            throw .failed("\(error)")
        }
    }

    func close() throws(StateStoreError) {}
}

extension EventNotifier {
    /// Waits until it is rung.
    func waitForRing() throws {
        let epoll = try EpollInstance()
        try epoll.add(descriptor, for: .readable, token: 0)
        var ready: [EpollInstance.Ready] = []
        try epoll.wait(milliseconds: 10_000, into: &ready)
        try #require(!ready.isEmpty)
    }
}
