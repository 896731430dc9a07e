/// The members of a JSON object, in the order in which they were written.
package struct JSONObject: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package var members: [Member]

    /// Takes members as they are; the caller sees to it that keys differ.
    package init(_ members: [Member] = []) {
        self.members = members
    }

    package init(_ members: [(String, JSONValue)]) {
        self.members = members.map { member in Member(key: member.0, value: member.1) }
    }

    /// The value of the first member with that key, compared as sent and not by Unicode equivalence.
    package subscript(key: String) -> JSONValue? {
        members.first { member in member.key.hasSameOctets(as: key) }?.value
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(members)
    }
}

extension String {
    /// Whether both have the same UTF-8; `==` also holds for strings that only look the same.
    func hasSameOctets(as other: String) -> Bool {
        let (mine, theirs) = (utf8, other.utf8)
        return mine.count == theirs.count && mine.elementsEqual(theirs)
    }
}
