import JSONText

extension JSONObject {
    /// Gives a member a value, in place of the one it has or at the end.
    mutating func set(_ key: String, _ value: JSONValue?) {
        guard let value else { return }
        set([key], value)
    }

    /// Gives a member of members a value; what stands in the way and is no object is replaced.
    mutating func set(_ path: some Collection<String>, _ value: JSONValue) {
        guard let key = path.first else { return }
        let index = members.firstIndex { $0.key == key }
        var child = value
        if path.count > 1 {
            var object = JSONObject()
            if let index, case .object(let present) = members[index].value { object = present }
            object.set(path.dropFirst(), value)
            child = .object(object)
        }
        if let index {
            members[index].value = child
        } else {
            members.append(Member(key: key, value: child))
        }
    }
}
