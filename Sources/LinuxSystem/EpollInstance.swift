import CLinuxShims
import Glibc

/// A set of descriptors one thread waits on together (`epoll(7)`).
package struct EpollInstance: ~Copyable, Sendable {
    /// Kinds of readiness, with the kernel's bit values.
    package struct Events: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        package static var readable: Events { Events(rawValue: EPOLLIN.rawValue) }
        package static var writable: Events { Events(rawValue: EPOLLOUT.rawValue) }
        /// An error waits to be read; always reported, asked for or not.
        package static var error: Events { Events(rawValue: EPOLLERR.rawValue) }
        /// Report a change once, instead of a state for as long as it lasts.
        package static var edgeTriggered: Events { Events(rawValue: EPOLLET.rawValue) }

        /// Whether all of these are among them.
        // The protocol's own is looked up at run time by other modules, in each turn of an event loop.
        package func contains(_ events: Events) -> Bool {
            rawValue & events.rawValue == events.rawValue
        }
    }

    /// A report that a descriptor is ready.
    package struct Ready: Hashable, Sendable {
        /// What the descriptor was added under.
        package var token: UInt64
        package var events: Events

        package init(token: UInt64, events: Events) {
            self.token = token
            self.events = events
        }
    }

    private let descriptor: FileDescriptor

    package init() throws(Errno) {
        descriptor = FileDescriptor(adopting: try systemCall { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    }

    /// Starts watching `target`; reports about it carry `token`.
    package func add(_ target: borrowing FileDescriptor, for events: Events, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_ADD, target, events, token)
    }

    /// Changes what a watched descriptor is watched for.
    package func modify(_ target: borrowing FileDescriptor, for events: Events, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_MOD, target, events, token)
    }

    /// Stops watching a descriptor.
    package func remove(_ target: borrowing FileDescriptor) throws(Errno) {
        try control(EPOLL_CTL_DEL, target, [], 0)
    }

    /// Waits until something is ready or `milliseconds` have passed, then replaces `ready`.
    ///
    /// -1 waits for ever. At most 64 reports come at once; the rest come next
    /// time. None means the time has passed.
    package func wait(milliseconds: CInt, into ready: inout [Ready]) throws(Errno) {
        var batch: [64 of clinux_ready] = .init(repeating: clinux_ready())
        let epoll = descriptor.rawValue
        var span = batch.mutableSpan
        let count = try unsafe span.withUnsafeMutableBufferPointer { (buffer) throws(Errno) -> CInt in
            guard let reports = buffer.baseAddress else { return 0 }
            return try systemCall { unsafe clinux_epoll_wait(epoll, reports, CInt(buffer.count), milliseconds) }
        }
        ready.removeAll(keepingCapacity: true)
        for index in 0..<Int(count) {
            ready.append(Ready(token: batch[index].token, events: Events(rawValue: batch[index].events)))
        }
    }

    private func control(
        _ operation: CInt, _ target: borrowing FileDescriptor, _ events: Events, _ token: UInt64
    ) throws(Errno) {
        let (epoll, fd) = (descriptor.rawValue, target.rawValue)
        _ = try systemCall { clinux_epoll_ctl(epoll, operation, fd, events.rawValue, token) }
    }
}
