import ArgumentParser

/// What a command writes.
enum OutputFormat: String, EnumerableFlag {
    case json, table

    static func help(for value: OutputFormat) -> ArgumentHelp? {
        switch value {
        case .json: "Write the service's own JSON, as when standard output is no terminal."
        case .table: "Write tables, as on a terminal."
        }
    }
}
