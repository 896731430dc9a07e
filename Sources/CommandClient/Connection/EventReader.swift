/// Takes server-sent events apart, whatever pieces they come in.
struct EventReader {
    struct Event: Equatable {
        /// Empty for an ordinary one.
        var name = ""
        var data = ""
    }

    /// The longest line there may be: an event holds one segment.
    private static let lineLimit = 4 << 20

    /// The latest comment, which the service uses to say why it ends.
    private(set) var comment: String?

    private var line: [UInt8] = []
    private var event = Event()

    /// Takes a piece, and hands out the events that it completes; `false` from `take` ends it.
    ///
    /// - Returns: Whether more is wanted.
    mutating func read(
        _ piece: [UInt8], _ take: (Event) throws(ClientFailure) -> Bool
    ) throws(ClientFailure) -> Bool {
        for octet in piece {
            guard octet == UInt8(ascii: "\n") else {
                line.append(octet)
                guard line.count <= Self.lineLimit else {
                    throw ClientFailure(.unreachable, "this is no stream of segmentd: a line does not end")
                }
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            line.removeAll(keepingCapacity: true)
            guard text.isEmpty else {
                note(text)
                continue
            }
            let complete = event
            event = Event()
            if !complete.data.isEmpty, try !take(complete) { return false }
        }
        return true
    }

    /// Fields other than these are of no interest here.
    private mutating func note(_ line: String) {
        if let data = Self.value(of: "data", in: line) {
            event.data += event.data.isEmpty ? data : "\n" + data
        } else if let name = Self.value(of: "event", in: line) {
            event.name = name
        } else if let text = Self.value(of: "", in: line) {
            comment = text
        }
    }

    private static func value(of field: String, in line: String) -> String? {
        guard line.hasPrefix(field + ":") else { return nil }
        let value = line.dropFirst(field.count + 1)
        return String(value.first == " " ? value.dropFirst() : value)
    }
}
