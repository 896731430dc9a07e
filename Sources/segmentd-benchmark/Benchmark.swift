import ArgumentParser
import CFloor
import Glibc
import LinuxSystem

/// The program: measures each path of segmentd beside the least code that does the same.
@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segmentd-benchmark",
        abstract: "Measures each path of segmentd beside its floor in C, in turns.",
        discussion: "Needs root: it makes network namespaces of its own and raw sockets in them.")

    @Flag(help: "Write the result as JSON.")
    var json = false

    @Flag(help: "Measure less, for a first impression.")
    var quick = false

    @Flag(help: "Count processor time where a path keeps a core busy, for machines that others use too.")
    var processorTime = false

    @Option(help: .init("Only the paths whose names contain this; repeatable.", valueName: "name"))
    var only: [String] = []

    @Option(help: .init("Draw the cost of a segment against the number of endpoints.", valueName: "path"))
    var svg: String?

    @Flag(help: .hidden)
    var asNeighbour = false

    func run() throws {
        guard cfloor_enter_namespace() == 0 else {
            throw BenchmarkError.system("a network namespace", .last)
        }
        if asNeighbour { return try Neighbour.stay() }
        if processorTime { cfloor_count_processor_time() }
        ResourceLimit.raiseOpenFiles()
        signal(SIGPIPE, SIG_IGN)
        var report = Report(isJSON: json)
        for path in Catalogue(scale: quick ? .quick : .full, picture: svg).paths
        where only.isEmpty || only.contains(where: { path.name.contains($0) }) {
            report.begin(path.name)
            do throws(BenchmarkError) {
                for row in try path.measure() {
                    report.add(row)
                }
            } catch {
                report.fail(path.name, error)
            }
        }
        report.end()
        if report.hasFailed { throw ExitCode.failure }
    }
}
