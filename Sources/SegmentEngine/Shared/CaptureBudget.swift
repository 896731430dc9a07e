/// What may be done under one hold of the ring's lock.
struct CaptureBudget {
    /// How many records may be looked at.
    var looks = CaptureLog.scanSize
    /// How many datagrams may be copied.
    var copies = CaptureLog.batchSize

    var isSpent: Bool { looks == 0 || copies == 0 }
}
