/// What is wrong with the document.
enum DocumentError: Error, CustomStringConvertible {
    case notOneMapping
    case keyNotText(line: Int)
    case keyTwice(String, line: Int)
    case scalarNotJSON(String, line: Int)
    case noTarget(of: String)
    case notALiteral

    var description: String {
        switch self {
        case .notOneMapping: "it is not one mapping"
        case .keyNotText(let line): "line \(line): a key is not a text"
        case .keyTwice(let key, let line): "line \(line): the key \"\(key)\" is there twice"
        case .scalarNotJSON(let text, let line): "line \(line): \"\(text)\" is nothing that JSON has; quote it"
        case .noTarget(let reference): "nothing is at \(reference)"
        case .notALiteral: "it has a control character, or what ends a literal"
        }
    }
}
