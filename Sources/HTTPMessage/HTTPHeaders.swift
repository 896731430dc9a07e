/// Header fields in the order in which they came, found by name in any case.
package struct HTTPHeaders: Hashable, Sendable {
    package var fields: [HTTPField]

    package init(_ fields: [HTTPField] = []) {
        self.fields = fields
    }

    /// The value of the first field with that name.
    package subscript(name: String) -> String? {
        for field in fields where field.isNamed(name) { return field.value }
        return nil
    }

    /// How many fields have that name.
    package func count(of name: String) -> Int {
        var count = 0
        for field in fields where field.isNamed(name) { count += 1 }
        return count
    }

    /// The values of all fields with that name.
    package func values(of name: String) -> [String] {
        fields.filter { field in field.isNamed(name) }.map(\.value)
    }
}
