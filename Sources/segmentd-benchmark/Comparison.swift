/// Two ways measured in turns, so that both see the machine's slow and fast moments alike.
struct Comparison {
    /// What the floor came to.
    var floor: Statistics
    /// What we came to.
    var ours: Statistics
    /// Each of ours divided by the mean of the floors before and after it.
    var ratio: Statistics

    /// Measures floor, ours, floor, ours, …, floor; each once before that, to warm up.
    init(
        rounds: Int, floor: () throws(BenchmarkError) -> Double, ours: () throws(BenchmarkError) -> Double
    ) throws(BenchmarkError) {
        _ = try floor()
        _ = try ours()
        var floors = [try floor()]
        var candidates: [Double] = []
        var ratios: [Double] = []
        for round in 0..<rounds {
            Progress.step(round, of: rounds)
            let candidate = try ours()
            let next = try floor()
            let neighbours = (floors[floors.count - 1] + next) / 2
            candidates.append(candidate)
            ratios.append(candidate / neighbours)
            floors.append(next)
        }
        self.floor = Statistics(floors)
        self.ours = Statistics(candidates)
        ratio = Statistics(ratios)
    }
}
