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

    @Option(help: .init("Replace the tables in this document by those of this run.", valueName: "path"))
    var markdown: String?

    @Flag(help: .hidden)
    var asNeighbour = false

    func validate() throws {
        guard markdown == nil || (only.isEmpty && !quick) else {
            throw ValidationError("--markdown shows a whole run, so it goes with neither --only nor --quick")
        }
    }

    func run() throws {
        guard cfloor_enter_namespace() == 0 else {
            throw BenchmarkError.system("a network namespace", .last)
        }
        if asNeighbour { return try Neighbour.stay() }
        if processorTime { cfloor_count_processor_time() }
        ResourceLimit.raiseOpenFiles()
        signal(SIGPIPE, SIG_IGN)
        let document = try markdown.map(read)
        let outcome = measure()
        print(json ? OutcomeJSON.encode(outcome) : Self.table(of: outcome))
        Progress.note("in \(Int(outcome.seconds.rounded())) s")
        guard outcome.failures.isEmpty else { throw ExitCode.failure }
        if let markdown, let document, let text = OutcomeMarkdown.replaceTables(in: document, by: outcome) {
            try OutputFile.write(text, to: markdown)
        }
    }

    /// The document that is to get tables, before minutes are spent on them.
    private func read(_ path: String) throws(BenchmarkError) -> String {
        guard let document = TextFile.read(path) else { throw .system(path, .last) }
        guard document.contains(OutcomeMarkdown.begin), document.contains(OutcomeMarkdown.end) else {
            throw .unexpected("\(path) has no place for tables: \(OutcomeMarkdown.begin) and \(OutcomeMarkdown.end)")
        }
        return document
    }

    private func measure() -> Outcome {
        let start = Clock.monotonicNanoseconds
        let scale = quick ? Scale.quick : .full
        var outcome = Outcome(machine: .current(), scale: scale, countsProcessorTime: processorTime)
        Progress.note(Table.header)
        for path in Catalogue(scale: scale, picture: svg).paths
        where only.isEmpty || only.contains(where: { path.name.contains($0) }) {
            Progress.begin(path.name)
            do throws(BenchmarkError) {
                for row in try path.measure() {
                    outcome.lines.append(Outcome.Line(path: path.name, row: row))
                    Progress.note(Table.line(row))
                }
            } catch {
                outcome.failures.append((path: path.name, error: error))
                Progress.note("\(path.name) could not be measured: \(error)")
            }
        }
        outcome.seconds = Double(Clock.monotonicNanoseconds - start) / 1e9
        return outcome
    }

    private static func table(of outcome: Outcome) -> String {
        ([Table.header] + outcome.lines.map { Table.line($0.row) }).joined(separator: "\n")
    }
}
