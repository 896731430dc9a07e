import JSONText
import Testing
import WebFiles

struct WebFileTests {
    @Test func theDocumentIsInTheProgram() throws {
        let file = try #require(WebFile.all.first { $0.path == "/openapi.yaml" })
        #expect(file.mediaType == "application/yaml")
        #expect(String(decoding: file.octets, as: UTF8.self).hasPrefix("openapi: 3.1"))
    }

    @Test func eachHasAPathAndATagOfItsOwn() {
        let files = WebFile.all
        #expect(Set(files.map(\.path)).count == files.count)
        #expect(Set(files.map(\.entityTag)).count == files.count)
        #expect(files.allSatisfy { $0.entityTag.hasPrefix("\"") && $0.entityTag.hasSuffix("\"") })
    }
}
