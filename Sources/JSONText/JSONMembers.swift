/// The members of an object that is being read, which finds a key that comes twice.
struct JSONMembers {
    /// Up to this many members, looking through them is faster than a set and takes no memory.
    private static let searchLimit = 16

    private var members: [JSONObject.Member] = []
    private var keys: Set<[UInt8]> = []

    var object: JSONObject { JSONObject(members) }

    /// Whether no member has that key yet.
    mutating func reserve(_ key: String) -> Bool {
        guard members.count >= Self.searchLimit else {
            return !members.contains { member in member.key.hasSameOctets(as: key) }
        }
        if keys.isEmpty {
            keys = Set(members.map { member in [UInt8](member.key.utf8) })
        }
        return keys.insert([UInt8](key.utf8)).inserted
    }

    mutating func append(_ key: String, _ value: JSONValue) {
        members.append(JSONObject.Member(key: key, value: value))
    }
}
