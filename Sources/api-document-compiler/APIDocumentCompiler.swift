import Foundation
import JSONText

/// Reads the OpenAPI document and writes a Swift source with the forms in which the service gives it away.
///
/// It runs while the service is built, so that the service itself reads no YAML and makes no pages.
@main
enum APIDocumentCompiler {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { stop("usage: api-document-compiler DOCUMENT.yaml OUTPUT.swift") }
        do {
            let document = try DocumentReader.document(in: String(contentsOfFile: arguments[1], encoding: .utf8))
            let json = String(decoding: document.value.octets, as: UTF8.self)
            let page = try DocumentPage(document).html
            let files = [
                GeneratedFile(path: "/openapi.json", mediaType: "application/json", text: json + "\n"),
                GeneratedFile(path: "/docs", mediaType: "text/html; charset=utf-8", text: page),
            ]
            try GeneratedSource(files).text.write(toFile: arguments[2], atomically: true, encoding: .utf8)
        } catch {
            stop("\(arguments[1]): error: \(error)")
        }
    }

    private static func stop(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(1)
    }
}
