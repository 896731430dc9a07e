/// All that a run has found out.
struct Outcome {
    /// A line, and the path that it is of.
    struct Line {
        var path: String
        var row: Row
    }

    var machine: Machine
    var scale: Scale
    /// Whether time was that of a processor, and not of the clock on the wall.
    var countsProcessorTime: Bool
    var seconds = 0.0
    var lines: [Line] = []
    var failures: [(path: String, error: BenchmarkError)] = []
}
