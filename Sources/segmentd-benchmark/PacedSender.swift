import CFloor

/// A thread in C that sends segments at a rate, and counts what the kernel took.
@safe
struct PacedSender: ~Copyable {
    /// What has been sent.
    struct Outcome {
        var sent: UInt64
        var seconds: Double
        var perSecond: Double { Double(sent) / seconds }
    }

    private let thread: OpaquePointer

    init(along path: cfloor_path, perSecond rate: UInt64, seconds: UInt32) throws(BenchmarkError) {
        var path = path
        guard let thread = unsafe cfloor_paced_start(&path, rate, seconds) else {
            throw .system("a thread that sends", .last)
        }
        unsafe self.thread = thread
    }

    /// Waits until all has been sent.
    consuming func finish() throws(BenchmarkError) -> Outcome {
        var sent: UInt64 = 0
        let taken = try Scenery.checked(unsafe cfloor_paced_finish(thread, &sent), "sending at a rate")
        return Outcome(sent: sent, seconds: taken / 1e9)
    }
}
