/// One `name=value` of a query, decoded.
package struct QueryItem: Hashable, Sendable {
    package var name: String
    /// What follows the first `=`; empty when there is none.
    package var value: String
    /// The value as forms write it, where a `+` that is not escaped stands for a blank.
    package var formValue: String

    package init(name: String, value: String, formValue: String? = nil) {
        self.name = name
        self.value = value
        self.formValue = formValue ?? value
    }
}
