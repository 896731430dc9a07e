/// Octets that a person can read.
enum PrintableText {
    /// The text, when the octets are UTF-8 without control characters but tabs and line ends; else `nil`.
    static func of(_ octets: [UInt8]) -> String? {
        guard let text = String(validating: octets, as: UTF8.self) else { return nil }
        let isPrintable = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control: scalar == "\t" || scalar == "\n" || scalar == "\r"
            case .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        return isPrintable ? text : nil
    }
}
