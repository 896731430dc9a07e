import JSONText

/// The page that the document is read on.
///
/// It needs no script; the one that it has adds buttons to copy.
struct DocumentPage {
    let html: String

    init(_ document: APIDocument) throws(DocumentError) {
        let operations = try document.operations()
        let tags = document.value["tags"]?.elements ?? []
        let schemas = document.value["components"]?["schemas"]?.members ?? []
        var writer = HTMLWriter()
        writer.raw("<!DOCTYPE html>\n<html lang=\"en\">\n")
        Self.writeHead(of: document, to: &writer)
        writer.raw("<body>\n")
        writer.element("a", ["class": "skip", "href": "#main"], "Skip to the operations")
        Self.writeBanner(of: document, to: &writer)
        writer.raw("<div class=\"columns\">\n")
        Self.writeContents(tags, operations, to: &writer)
        writer.raw("<main id=\"main\" tabindex=\"-1\">\n")
        writer.element("section", ["id": "about", "class": "about"]) { writer in
            writer.element("h2", "About")
            writer.description(document.value["info"]?["description"]?.text)
        }
        for tag in tags {
            let name = tag["name"]?.text ?? ""
            writer.raw("<section id=\"tag-\(name)\">\n")
            writer.element("h2", name)
            writer.description(tag["description"]?.text)
            for operation in operations where operation.tag == name { try writer.operation(operation, of: document) }
            writer.raw("</section>\n")
        }
        Self.writeProblems(of: document, to: &writer)
        Self.writeSchemas(schemas, to: &writer)
        writer.raw("</main>\n</div>\n</body>\n</html>\n")
        html = writer.html
    }

    private static func writeHead(of document: APIDocument, to writer: inout HTMLWriter) {
        let title = document.value["info"]?["title"]?.text ?? ""
        writer.element("head") { writer in
            writer.begin("meta", ["charset": "utf-8"])
            writer.begin("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            writer.begin("meta", ["name": "color-scheme", "content": "light dark"])
            writer.element("title", "\(title): the HTTP API")
            writer.begin("link", ["rel": "icon", "href": "data:,"])
            writer.begin("link", ["rel": "stylesheet", "href": "/docs.css"])
            writer.element("script", ["src": "/docs.js", "defer": ""], "")
        }
        writer.endLine()
    }

    private static func writeBanner(of document: APIDocument, to writer: inout HTMLWriter) {
        let info = document.value["info"]
        writer.element("header", ["class": "banner"]) { writer in
            writer.element("h1") { writer in
                writer.element("a", ["href": "/"], info?["title"]?.text ?? "")
                writer.text(" HTTP API ")
                writer.element("small", info?["version"]?.text ?? "")
            }
            writer.element("nav", ["aria-label": "Other forms"]) { writer in
                writer.element("a", ["href": "/"], "Live page")
                writer.element("a", ["href": "/openapi.json"], "openapi.json")
                writer.element("a", ["href": "/openapi.yaml"], "openapi.yaml")
            }
        }
        writer.endLine()
    }

    private static func writeContents(_ tags: [JSONValue], _ operations: [Operation], to writer: inout HTMLWriter) {
        writer.element("nav", ["class": "contents", "aria-label": "Contents"]) { writer in
            writer.element("details", ["open": ""]) { writer in
                writer.element("summary", "Contents")
                for name in tags.compactMap({ $0["name"]?.text }) {
                    writer.element("h2") { $0.element("a", ["href": "#tag-\(name)"], name) }
                    writer.element("ul") { writer in
                        for operation in operations where operation.tag == name {
                            writer.element("li") { writer in
                                writer.element("a", ["href": "#\(operation.identifier)"]) { writer in
                                    writer.method(operation.method)
                                    writer.text(" ")
                                    writer.path(operation.path)
                                }
                            }
                        }
                    }
                }
                writer.element("h2") { $0.element("a", ["href": "#problems"], "problems") }
                writer.element("h2") { $0.element("a", ["href": "#schemas"], "schemas") }
            }
        }
        writer.endLine()
    }

    private static func writeProblems(of document: APIDocument, to writer: inout HTMLWriter) {
        let problems = document.problems()
        writer.element("section", ["id": "problems"]) { writer in
            writer.element("h2", "problems")
            writer.element("p", "What is not 2xx is a problem of RFC 9457, of one of these types.")
            for response in document.value["components"]?["responses"]?.members ?? [] {
                let types = problems.filter { $0.answer == response.key }.map(\.value)
                guard let status = types.first?["status"]?.plain else { continue }
                writer.element("article", ["id": "answer-\(response.key)", "class": "problem"]) { writer in
                    writer.element("h3") { writer in
                        writer.element("span", ["class": "status"], status)
                        writer.text(" \(response.key)")
                    }
                    writer.description(response.value["description"]?.text)
                    for problem in types { writer.problem(problem) }
                }
                writer.endLine()
            }
        }
    }

    private static func writeSchemas(_ schemas: [JSONObject.Member], to writer: inout HTMLWriter) {
        writer.element("section", ["id": "schemas"]) { writer in
            writer.element("h2", "schemas")
            for schema in schemas {
                writer.element("details", ["id": "schema-\(schema.key)", "class": "schema"]) { writer in
                    // Links are not for summaries, which are buttons.
                    writer.element("summary") { $0.element("code", schema.key) }
                    writer.description(schema.value["description"]?.text)
                    writer.element("p", ["class": "type"]) { $0.schema(schema.value) }
                    if let pattern = schema.value["pattern"]?.text { writer.command(pattern, named: "pattern") }
                    writer.members(of: schema.value)
                }
                writer.endLine()
            }
        }
    }
}

extension HTMLWriter {
    /// A type of problem, with an example.
    fileprivate mutating func problem(_ problem: JSONValue) {
        let uri = problem["type"]?.text ?? ""
        element("details", ["id": "problem-\(APIDocument.name(in: uri))"]) { writer in
            writer.element("summary") { writer in
                writer.element("code", uri)
                writer.text(" \(problem["title"]?.text ?? "")")
            }
            writer.command(ReadableJSON.text(problem), named: "")
        }
    }
}
