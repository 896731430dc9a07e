import ArgumentParser

/// How long to wait, as users and the service write it: `250ms`, `2s`.
struct WaitTime: ExpressibleByArgument, Equatable, CustomStringConvertible {
    static let none = WaitTime(text: "0s", milliseconds: 0)

    private static let units: [(name: String, milliseconds: Double)] = [
        ("ns", 1e-6), ("us", 1e-3), ("ms", 1), ("s", 1e3), ("m", 60e3), ("h", 3600e3),
    ]
    private static let longestMilliseconds = 3600e3

    let text: String
    /// Rounded up.
    let milliseconds: Int

    private init(text: String, milliseconds: Int) {
        self.text = text
        self.milliseconds = milliseconds
    }

    init(milliseconds: Int) {
        let isWhole = milliseconds.isMultiple(of: 1_000)
        self.init(
            text: isWhole ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms", milliseconds: milliseconds)
    }

    var description: String { text }

    init?(argument: String) {
        let number = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = argument.dropFirst(number.count)
        guard let factor = Self.units.first(where: { $0.name == unit })?.milliseconds, number.first?.isNumber == true,
            number.last?.isNumber == true, let value = Double(number), value * factor <= Self.longestMilliseconds
        else { return nil }
        self.init(text: argument, milliseconds: Int((value * factor).rounded(.up)))
    }

    /// Reads an option, or says what is wrong with it.
    static func parse(_ argument: String) throws -> WaitTime {
        guard let time = WaitTime(argument: argument) else {
            throw ValidationError("'\(argument)' is not a duration up to 1h such as 250ms, 2s or 1m")
        }
        return time
    }
}
