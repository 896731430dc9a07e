/// What it takes to make a request.
package enum AccessRequirement: Hashable, Sendable {
    /// Nothing: what it gives is no secret, and it changes nothing.
    case nothing
    /// A token of that role, where there are tokens.
    case role(AccessRole)
}
