import CFloor

/// Which cores threads run on: what is measured on the last one, whoever waits for it on the first.
enum Core {
    private static let last = cfloor_core_count() - 1

    /// Lets the calling thread, and those it makes, run on the last core only.
    static func pin() {
        if last > 0 { _ = cfloor_pin(last) }
    }

    /// Lets the calling thread run on the first core only.
    static func standAside() {
        if last > 0 { _ = cfloor_pin(0) }
    }

    /// Lets the calling thread, and the programs it starts, run everywhere.
    static func roam() {
        _ = cfloor_pin(-1)
    }

    /// Calls `body` on the last core.
    static func measuring<Result>(_ body: () throws(BenchmarkError) -> Result) throws(BenchmarkError) -> Result {
        pin()
        defer { standAside() }
        return try body()
    }
}
