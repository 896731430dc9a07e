import AccessControl
import HTTPMessage
import WebFiles

/// What the `type` of a problem leads to: what it means and what to do (RFC 9457, section 3.1.1).
enum ProblemRoutes {
    private static let markdown = "text/markdown"
    private static let hypertext = "text/html"
    private static let types = [markdown, hypertext]

    static var all: [Route] {
        guard let file = WebFile.all.first(where: { $0.path == "/problems.md" }) else { return [] }
        return [
            .immediate("GET", "/problems", types: types, requirement: .nothing) { request, _ throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                let guide = ProblemGuide(file.octets)
                return answer(request, markdown: guide.text) { ProblemPage.index(of: guide) }
            },
            .immediate("GET", "/problems/{problemType}", types: types, requirement: .nothing) {
                request, parameters throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                guard let section = ProblemGuide(file.octets)[parameters[0]] else {
                    throw Problem(
                        .notFound,
                        detail: "there is no type of problem \"\(parameters[0].prefix(40))\"; GET /problems has all")
                }
                return answer(request, markdown: section.text) { ProblemPage.page(of: section) }
            },
        ]
    }

    private static func answer(_ request: HTTPRequest, markdown text: String, html: () -> String) -> HTTPResponse {
        let isPage = ContentNegotiation.preferred(of: types, by: request) == hypertext
        return HTTPResponse(
            status: 200,
            headers: [
                HTTPField("Content-Type", "\(isPage ? hypertext : markdown); charset=utf-8"),
                HTTPField("Vary", "Accept"), HTTPField("Content-Security-Policy", WebRoutes.contentSecurityPolicy),
            ], body: [UInt8]((isPage ? html() : text).utf8))
    }
}
