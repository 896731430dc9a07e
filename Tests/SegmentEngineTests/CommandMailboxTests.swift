import LinuxSystem
import Testing

@testable import SegmentEngine

@Suite struct CommandMailboxTests {
    private func isRinging(_ mailbox: CommandMailbox<Int>) throws -> Bool {
        let epoll = try EpollInstance()
        try epoll.add(mailbox.notifier.descriptor, for: .readable, token: 1)
        var ready: [EpollInstance.Ready] = []
        try epoll.wait(milliseconds: 0, into: &ready)
        return !ready.isEmpty
    }

    @Test func keepsOrderAndRingsUntilItIsEmptied() throws {
        let mailbox = try CommandMailbox<Int>(capacity: 10)
        #expect(try !isRinging(mailbox))
        for command in 1...3 { #expect(mailbox.post(command)) }
        #expect(try isRinging(mailbox))
        #expect(mailbox.takeAll() == [1, 2, 3])
        #expect(try !isRinging(mailbox))
        #expect(mailbox.takeAll().isEmpty)
    }

    @Test(arguments: 1...6)
    func takesNoMoreThanItsCapacity(capacity: Int) throws {
        let mailbox = try CommandMailbox<Int>(capacity: capacity)
        let accepted = (0..<10).filter { mailbox.post($0) }
        #expect(accepted == Array(0..<capacity))
        mailbox.postAtOnce(99)
        #expect(mailbox.takeAll() == accepted + [99], "what must be said is let in all the same")
        #expect(mailbox.post(1))
    }

    @Test func takesNothingOnceItIsClosed() throws {
        let mailbox = try CommandMailbox<Int>(capacity: 4)
        _ = mailbox.post(1)
        #expect(mailbox.close() == [1])
        #expect(!mailbox.post(2))
        #expect(mailbox.takeAll().isEmpty)
        #expect(mailbox.close().isEmpty)
    }

    @Test func losesNothingBetweenThreads() async throws {
        let mailbox = try CommandMailbox<Int>(capacity: 100_000)
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    for number in 0..<1000 { _ = mailbox.post(sender * 1000 + number) }
                }
            }
        }
        let taken = mailbox.takeAll()
        #expect(taken.count == 4000)
        for sender in 0..<4 {
            #expect(taken.filter { $0 / 1000 == sender } == (0..<1000).map { sender * 1000 + $0 })
        }
    }

    @Test func tellsSinceWhenSomethingWaits() throws {
        let mailbox = try CommandMailbox<Int>(capacity: 4)
        #expect(mailbox.waitingSince == nil)
        let before = Clock.monotonicNanoseconds
        _ = mailbox.post(1)
        let first = try #require(mailbox.waitingSince)
        #expect(first >= before)
        #expect(mailbox.count == 1)
        _ = mailbox.post(2)
        mailbox.postAtOnce(3)
        mailbox.knock()
        #expect(mailbox.waitingSince == first, "the first one's time counts")
        #expect(mailbox.count == 3)
        _ = mailbox.takeAll()
        #expect(mailbox.waitingSince == nil)
        #expect(mailbox.count == 0)
    }

    @Test func aKnockWaitsLikeACommand() throws {
        let mailbox = try CommandMailbox<Int>(capacity: 1)
        mailbox.knock()
        #expect(try isRinging(mailbox))
        #expect(mailbox.waitingSince != nil)
        #expect(mailbox.post(1), "and takes no room")
        #expect(mailbox.takeAll() == [1])
        #expect(mailbox.waitingSince == nil)
        _ = mailbox.close()
        mailbox.knock()
        #expect(mailbox.waitingSince == nil, "nobody comes any more")
    }
}
