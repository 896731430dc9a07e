/// Times as the API writes them: RFC 3339 in UTC, with nanoseconds.
enum Timestamp {
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000
    private static let secondsPerDay: Int64 = 86_400

    /// The octets of a time.
    static let length = 30

    /// A time in nanoseconds since 1970.
    static func text(_ nanoseconds: Int64) -> String {
        String(decoding: [UInt8](capacity: length) { output in append(nanoseconds, to: &output) }, as: UTF8.self)
    }

    /// Appends a time in nanoseconds since 1970.
    @_lifetime(output: copy output)
    static func append(_ nanoseconds: Int64, to output: inout OutputSpan<UInt8>) {
        let (seconds, fraction) = divided(nanoseconds, by: nanosecondsPerSecond)
        let (days, time) = divided(seconds, by: secondsPerDay)
        let date = date(ofDay: days)
        append(date.year, digits: 4, before: "-", to: &output)
        append(date.month, digits: 2, before: "-", to: &output)
        append(date.day, digits: 2, before: "T", to: &output)
        append(time / 3600, digits: 2, before: ":", to: &output)
        append(time / 60 % 60, digits: 2, before: ":", to: &output)
        append(time % 60, digits: 2, before: ".", to: &output)
        append(fraction, digits: 9, before: "Z", to: &output)
    }

    /// The Gregorian date of a day counted from 1970.
    ///
    /// Counts from 1 March of the year 0, so that leap days come last in their
    /// years, four-year, hundred-year and four-hundred-year cycles.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divided(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }

    /// Quotient and remainder, rounded towards the past.
    private static func divided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// Appends as many digits of a number, leading zeros among them, and what comes behind it.
    @_lifetime(output: copy output)
    private static func append(
        _ value: Int64, digits: Int, before separator: Unicode.Scalar, to output: inout OutputSpan<UInt8>
    ) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
        output.append(UInt8(ascii: separator))
    }
}
