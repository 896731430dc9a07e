import LinuxSystem
import Testing

@Suite struct EpollInstanceTests {
    @Test func reportsAStateForAsLongAsItLasts() throws {
        let epoll = try EpollInstance()
        let bell = try EventNotifier()
        try epoll.add(bell.descriptor, for: .readable, token: 42)
        #expect(try epoll.ready(within: 0).isEmpty)
        bell.ring()
        bell.ring()
        for _ in 0..<3 { #expect(try epoll.ready(within: 0) == [.init(token: 42, events: .readable)]) }
        bell.clear()
        #expect(try epoll.ready(within: 0).isEmpty)
    }

    @Test func reportsAnEdgeOnce() throws {
        let epoll = try EpollInstance()
        let bell = try EventNotifier()
        try epoll.add(bell.descriptor, for: [.readable, .edgeTriggered], token: .max)
        bell.ring()
        #expect(try epoll.ready(within: 0) == [.init(token: .max, events: .readable)])
        #expect(try epoll.ready(within: 0).isEmpty)
        bell.ring()
        #expect(try epoll.ready(within: 0).count == 1, "a new arrival is a new edge")
    }

    @Test func watchesForWhatItWasLastAsked() throws {
        let epoll = try EpollInstance()
        let pair = try DatagramPair()
        try epoll.add(pair.sender, for: .readable, token: 1)
        #expect(try epoll.ready(within: 0).isEmpty)
        try epoll.modify(pair.sender, for: [.readable, .writable], token: 2)
        #expect(try epoll.ready(within: 0) == [.init(token: 2, events: .writable)])
        try epoll.modify(pair.sender, for: .readable, token: 3)
        #expect(try epoll.ready(within: 0).isEmpty)
    }

    @Test func givesManyReportsInSeveralTurns() throws {
        let epoll = try EpollInstance()
        let bells = try (0..<100).map { _ in try Bell() }
        for (index, bell) in bells.enumerated() {
            try epoll.add(bell.notifier.descriptor, for: [.readable, .edgeTriggered], token: UInt64(index))
            bell.notifier.ring()
        }
        var seen: [UInt64] = []
        for _ in 0..<2 {
            let ready = try epoll.ready(within: 0)
            #expect(ready.count <= 64)
            seen += ready.map(\.token)
        }
        #expect(seen.sorted() == Array(0..<100))
    }

    @Test func forgetsADescriptorThatIsClosed() throws {
        let epoll = try EpollInstance()
        do {
            let bell = try EventNotifier()
            try epoll.add(bell.descriptor, for: .readable, token: 1)
            bell.ring()
        }
        #expect(try epoll.ready(within: 0).isEmpty)
    }

    @Test func refusesToWatchTwiceOrWhatItDoesNotWatch() throws {
        let epoll = try EpollInstance()
        let bell = try EventNotifier()
        #expect(throws: Errno.self) { try epoll.modify(bell.descriptor, for: .readable, token: 1) }
        try epoll.add(bell.descriptor, for: .readable, token: 1)
        #expect(throws: Errno.self) { try epoll.add(bell.descriptor, for: .readable, token: 1) }
    }

    private final class Bell {
        let notifier: EventNotifier

        init() throws(Errno) {
            notifier = try EventNotifier()
        }
    }
}
