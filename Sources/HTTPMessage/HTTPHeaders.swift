/// Header fields in the order in which they came, found by name in any case.
package struct HTTPHeaders: Hashable, Sendable {
    package var fields: [HTTPField]

    package init(_ fields: [HTTPField] = []) {
        self.fields = fields
    }

    /// The value of the first field with that name.
    package subscript(name: String) -> String? {
        fields.first { field in field.isNamed(name) }?.value
    }

    /// The values of all fields with that name.
    package func values(of name: String) -> [String] {
        fields.filter { field in field.isNamed(name) }.map(\.value)
    }
}
