import Glibc
import LinuxSystem
import Locking

/// Lines for whoever watches, on standard error, apart from the result.
enum Progress {
    private struct State {
        /// `nil` before the first.
        var path: String?
        var last: UInt64 = 0
    }

    /// How long nothing is said at most, where there is something to say.
    private static let interval: UInt64 = 2_000_000_000

    private static let state = Locked(State())

    /// Says that a path is being measured.
    static func begin(_ path: String) {
        state.withLock { state in
            state.path = path
            state.last = Clock.monotonicNanoseconds
        }
        note("… \(path)")
    }

    /// Says how far the path is, unless something was said just now.
    static func step(_ number: Int, of count: Int) {
        let path = state.withLock { state -> String? in
            let now = Clock.monotonicNanoseconds
            guard now >= state.last + interval else { return nil }
            state.last = now
            return state.path
        }
        if let path { note("… \(path), \(number) of \(count)") }
    }

    static func note(_ line: String) {
        let octets = [UInt8]((line + "\n").utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, octets, octets.count)
    }
}
