import ArgumentParser

/// How a command shows what it has.
struct OutputOptions: ParsableArguments {
    @Flag(exclusivity: .chooseLast)
    var format: OutputFormat?
}
