/// When captured segments are due, in nanoseconds after the first of them.
struct ReplaySchedule {
    /// How many times as fast as captured; `nil`: without any pause.
    let speed: Double?
    private var first: UInt64?
    private var latest: UInt64 = 0

    init(speed: Double?) {
        self.speed = speed
    }

    /// The offset of the next segment, captured at this time; never before the one before it, whatever the file says.
    ///
    /// `nil`: at once.
    mutating func offset(at timestampNanoseconds: UInt64?) -> UInt64? {
        guard let speed else { return nil }
        guard let time = timestampNanoseconds else { return latest }
        let start = first ?? time
        first = start
        let distance = Double(time > start ? time - start : 0) / speed
        // Past the end of what an integer holds, it is never due.
        let offset = distance < 0x1p63 ? UInt64(distance) : UInt64(Int64.max)
        latest = max(latest, offset)
        return latest
    }
}
