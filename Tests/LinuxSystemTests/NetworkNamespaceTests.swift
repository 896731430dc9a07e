import LinuxSystem
import Testing

@Suite struct NetworkNamespaceTests {
    @Test(arguments: ["left", "a.b", "...", "-", "fw left", "ä", String(repeating: "x", count: 255)])
    func takesAFilesName(name: String) {
        #expect(NetworkNamespace.isName(name))
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "a\0b", "a\nb", "\u{7f}", String(repeating: "x", count: 256)])
    func refusesWhatLeadsElsewhere(name: String) {
        #expect(!NetworkNamespace.isName(name))
        #expect(NetworkNamespace.identity(of: name) == nil)
    }

    @Test func isTheSameHoweverOftenItIsOpened() throws {
        let first = try NetworkNamespace.current()
        let second = try NetworkNamespace.current()
        #expect(first.identity == second.identity)
    }

    @Test func saysThatThereIsNone() {
        #expect(throws: Errno.noSuchFile) { _ = try NetworkNamespace(named: "there is none of this name") }
    }
}
