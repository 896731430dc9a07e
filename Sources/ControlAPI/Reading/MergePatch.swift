import JSONText

/// A JSON Merge Patch (RFC 7396).
enum MergePatch {
    /// The value that a patch makes of another: members it names are replaced, those it gives as null are gone.
    static func applying(_ patch: JSONValue, to value: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members: [JSONObject.Member] = []
        if case .object(let present) = value { members = present.members }
        for change in changes.members {
            let position = members.firstIndex { [UInt8]($0.key.utf8) == [UInt8](change.key.utf8) }
            switch (position, change.value) {
            case (let position?, .null): members.remove(at: position)
            case (nil, .null): break
            case (let position?, let value): members[position].value = applying(value, to: members[position].value)
            case (nil, let value): members.append(.init(key: change.key, value: applying(value, to: .null)))
            }
        }
        return .object(JSONObject(members))
    }
}
