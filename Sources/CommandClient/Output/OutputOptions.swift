import ArgumentParser

/// How a command shows what it has.
package struct OutputOptions: ParsableArguments {
    @Flag(exclusivity: .chooseLast)
    var format: OutputFormat?

    package init() {}
}
