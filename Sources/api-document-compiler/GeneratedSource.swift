/// The Swift source that holds generated files as constants, which take no time at the start and no memory until they
/// are asked for.
struct GeneratedSource {
    let text: String

    init(_ files: [GeneratedFile]) throws(DocumentError) {
        var text = """
            extension WebFile {
                /// What is made of the OpenAPI document while the service is built.
                static let generated: [(path: String, mediaType: String, entityTag: String, text: StaticString)] = [

            """
        for file in files {
            text += """
                        (
                            path: "\(file.path)", mediaType: "\(file.mediaType)", entityTag: #"\(file.entityTag)"#,
                            text: \(try Self.literal(of: file.text))
                        ),

                """
        }
        self.text = text + "    ]\n}\n"
    }

    /// A raw literal of many lines, in which nothing stands for anything else.
    private static func literal(of text: String) throws(DocumentError) -> String {
        let (quotes, escape) = ("\"\"\"####", "\\####")
        let isPlain = text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F }
        guard isPlain, !text.contains(quotes), !text.contains(escape) else { throw .notALiteral }
        return "####\"\"\"\n\(text)\n\(quotes)"
    }
}
