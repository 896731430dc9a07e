/// Durations of the service's, in at most three digits before and after the point together.
enum ShortDuration {
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ]

    /// The same duration rounded; what is no duration stays as it is.
    static func text(_ exact: String) -> String {
        let digits = exact.prefix { $0.isASCII && $0.isNumber }
        guard let unit = units.first(where: { $0.name == exact.dropFirst(digits.count) }), let number = UInt64(digits),
            case (let nanoseconds, false) = number.multipliedReportingOverflow(by: unit.nanoseconds)
        else { return exact }
        guard let larger = units.last(where: { $0.nanoseconds <= nanoseconds }) else { return exact }
        let whole = nanoseconds / larger.nanoseconds
        let hundredths = nanoseconds % larger.nanoseconds * 100 / larger.nanoseconds
        switch whole {
        case 0..<10 where hundredths > 0: return "\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)\(larger.name)"
        case 10..<100 where hundredths >= 10: return "\(whole).\(hundredths / 10)\(larger.name)"
        default: return "\(whole)\(larger.name)"
        }
    }
}
