import JSONText
import Testing
import WebFiles

struct WebFileTests {
    @Test func theDocumentIsInTheProgram() throws {
        let file = try #require(WebFile.all.first { $0.path == "/openapi.yaml" })
        #expect(file.mediaType == "application/yaml")
        #expect(String(decoding: file.octets, as: UTF8.self).hasPrefix("openapi: 3.1"))
    }

    @Test func theDocumentIsThereAsJSON() throws {
        let file = try #require(WebFile.all.first { $0.path == "/openapi.json" })
        #expect(file.mediaType == "application/json")
        guard case .object(let document) = try JSONParser.parse([UInt8](file.octets)) else {
            Issue.record("the document is not an object")
            return
        }
        #expect(document["openapi"] == .string("3.1.0"))
        #expect(document.members.map(\.key).contains("paths"))
    }

    @Test func thePageOfTheDocumentIsThere() throws {
        let file = try #require(WebFile.all.first { $0.path == "/docs" })
        #expect(file.mediaType == "text/html; charset=utf-8")
        #expect(String(decoding: file.octets, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
    }

    @Test func eachHasAPathAndATagOfItsOwn() {
        let files = WebFile.all
        #expect(Set(files.map(\.path)).count == files.count)
        #expect(Set(files.map(\.entityTag)).count == files.count)
        #expect(files.allSatisfy { $0.entityTag.hasPrefix("\"") && $0.entityTag.hasSuffix("\"") })
    }
}
