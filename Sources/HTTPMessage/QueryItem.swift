/// One `name=value` of a query, decoded.
package struct QueryItem: Hashable, Sendable {
    package var name: String
    /// What follows the first `=`; empty when there is none.
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
