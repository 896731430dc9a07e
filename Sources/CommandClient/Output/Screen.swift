import Glibc
import LinuxSystem

/// Standard output and what can be shown on it.
struct Screen {
    let format: OutputFormat
    /// How wide tables may be; `nil`, as wide as they are.
    let width: Int?
    let hasColour: Bool
    /// Whether somebody sees what standard error says while it says it.
    let showsProgress: Bool

    init(format: OutputFormat, width: Int? = nil, hasColour: Bool = false, showsProgress: Bool = false) {
        self.format = format
        self.width = width
        self.hasColour = hasColour
        self.showsProgress = showsProgress
    }

    /// What standard output is, with what the user asked for.
    init(wanted: OutputFormat?) {
        let isTerminal = Terminal.isTerminal(STDOUT_FILENO)
        format = wanted ?? (isTerminal ? .table : .json)
        let columns = Self.variable("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        width = isTerminal ? Terminal.columns(STDOUT_FILENO) ?? columns ?? Self.usualWidth : columns
        // https://no-color.org: whatever its value, unless that is empty.
        hasColour = isTerminal && Self.variable("NO_COLOR") == nil && Self.variable("TERM") != "dumb"
        showsProgress = Terminal.isTerminal(STDERR_FILENO) && Self.variable("TERM") != "dumb"
    }

    private static let usualWidth = 80

    private static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The service's answer as it came, on a line of its own.
    func show(_ answer: ClientAnswer) throws(ClientFailure) {
        guard !answer.octets.isEmpty else { return }
        try Self.write(answer.octets)
        if answer.octets.last != UInt8(ascii: "\n") { try Self.write([UInt8(ascii: "\n")]) }
    }

    func show(_ table: Table) throws(ClientFailure) {
        try show(table.lines(width: width, hasColour: hasColour))
    }

    func show(_ lines: [String]) throws(ClientFailure) {
        guard !lines.isEmpty else { return }
        try Self.write([UInt8]((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// Text in a tone, where there is colour.
    func toned(_ text: String, _ tone: Tone) -> String {
        hasColour ? tone.around(text) : text
    }

    /// Writes all of it to standard output.
    static func write(_ octets: [UInt8]) throws(ClientFailure) {
        try write(octets, to: STDOUT_FILENO, "standard output")
    }

    /// Writes all of it to a descriptor; `name` is for messages.
    static func write(_ octets: [UInt8], to descriptor: CInt, _ name: String) throws(ClientFailure) {
        var done = 0
        while done < octets.count {
            let count = unsafe octets.withUnsafeBytes { octets in
                unsafe Glibc.write(descriptor, octets.baseAddress.map { unsafe $0 + done }, octets.count - done)
            }
            if count >= 0 {
                done += count
            } else if errno == EPIPE {
                throw .closedPipe
            } else if errno != EINTR {
                throw ClientFailure(.ioError, "\(name) cannot be written: \(Errno(rawValue: errno))")
            }
        }
    }

    /// Writes a message to standard error; nothing can be done when that fails.
    static func complain(_ text: String) {
        try? write([UInt8]((text + "\n").utf8), to: STDERR_FILENO, "standard error")
    }
}
