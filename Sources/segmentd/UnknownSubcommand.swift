import ArgumentParser
import ControlAPI

/// A first word that is no subcommand, which would otherwise be taken for an argument of the default one.
struct UnknownSubcommand {
    private let word: String

    init?(_ arguments: some Collection<String>) {
        guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !Self.names.contains(word) else {
            return nil
        }
        self.word = word
    }

    var error: ValidationError {
        if let nearest = NearestName.of(word, among: Self.names) {
            return ValidationError("'\(word)' is no subcommand; did you mean '\(nearest)'?")
        }
        return ValidationError("'\(word)' is no subcommand; there are \(Self.names.joined(separator: ", "))")
    }

    private static var names: [String] {
        SegmentD.configuration.subcommands.map { $0.configuration.commandName ?? "\($0)".lowercased() }
    }
}
