import JSONText

/// Reads the members of one JSON object, and reports those nobody asks for.
final class ObjectReader {
    let pointer: JSONPointer
    let violations: Violations
    private let object: JSONObject
    private var asked: [String] = []

    init(_ object: JSONObject, at pointer: JSONPointer, reporting violations: Violations) {
        self.object = object
        self.pointer = pointer
        self.violations = violations
    }

    /// A member that is there and not null.
    subscript(key: String) -> FieldReader? {
        asked.append(key)
        guard let value = object[key], value != .null else { return nil }
        return FieldReader(value: value, pointer: pointer.appending(key), violations: violations)
    }

    /// Whether a member is there, as null or as anything else.
    func has(_ key: String) -> Bool {
        asked.append(key)
        return object[key] != nil
    }

    /// Whether a member is there and null.
    func isNull(_ key: String) -> Bool {
        asked.append(key)
        return object[key] == .null
    }

    /// Lets members be there that are only for reading.
    func ignore(_ keys: String...) {
        asked += keys
    }

    /// Reports every member that nobody asked for.
    func reportUnknown() {
        for member in object.members where !asked.contains(member.key) {
            guard !violations.isFull else { return }
            let hint = NearestName.of(member.key, among: asked).map { ", did you mean \"\($0)\"?" } ?? ""
            violations.add("unknown member\(hint)", at: pointer.appending(String(member.key.prefix(64))))
        }
    }
}
