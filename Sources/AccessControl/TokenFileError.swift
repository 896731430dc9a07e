/// What is wrong with a token file, by line.
///
/// Nothing of the file is repeated that could be a token in the wrong place.
package enum TokenFileError: Error, Hashable, Sendable {
    case notText
    case empty
    case malformed(line: Int)
    case badName(line: Int)
    case badRole(line: Int, role: String)
    case badToken(line: Int)
    case badLength(line: Int, length: Int)
    case nameTwice(line: Int, other: Int)
    case tokenTwice(line: Int, other: Int)
    case tooMany(line: Int)
}

extension TokenFileError: CustomStringConvertible {
    private static let longestRoleShown = 12

    package var description: String {
        let roles = AccessRole.allCases.map(\.rawValue).joined(separator: " or ")
        let (least, most) = (AccessToken.lengths.lowerBound, AccessToken.lengths.upperBound)
        return switch self {
        case .notText: "it is not UTF-8"
        case .empty: "it has no token, so that nobody could ask for anything"
        case .malformed(let line): "line \(line) is not a name, a role and a token, with blanks between"
        case .badName(let line): "line \(line): the name is not 1 to 64 letters, digits, '-', '.' and '_'"
        case .badRole(let line, let role) where role.utf8.count <= Self.longestRoleShown:
            "line \(line): the role '\(role)' is not \(roles)"
        case .badRole(let line, _): "line \(line): the role is not \(roles)"
        case .badToken(let line): "line \(line): the token has other characters than letters, digits and -._~+/, then ="
        case .badLength(let line, let length):
            "line \(line): the token has \(length) characters, not \(least) to \(most)"
        case .nameTwice(let line, let other): "line \(line): the name is that of line \(other)"
        case .tokenTwice(let line, let other): "line \(line): the token is that of line \(other)"
        case .tooMany(let line): "line \(line): there may be no more than \(TokenTable.maximumTokens) tokens"
        }
    }
}
