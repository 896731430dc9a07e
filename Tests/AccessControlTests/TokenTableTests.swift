import AccessControl
import Testing

struct TokenTableTests {
    private static let first = String(repeating: "a", count: 32)
    private static let second = String(repeating: "B", count: 511) + "="

    private static func table(_ text: String) throws(TokenFileError) -> TokenTable {
        try TokenTable([UInt8](text.utf8))
    }

    @Test func findsEachTokenWithItsNameAndRole() throws {
        let table = try Self.table(
            "# who, what, secret\n\n  ci\tread   \(Self.first)  \r\nbench.1-x_ control \(Self.second)\n#end")
        #expect(table.tokens.count == 2)
        let read = try #require(table.find(Self.first))
        #expect(read.name == "ci" && read.role == .read)
        let control = try #require(table.find(Self.second))
        #expect(control.name == "bench.1-x_" && control.role == .control)
    }

    @Test func findsNothingThatIsAlmostAToken() throws {
        let table = try Self.table("ci read \(Self.first)")
        for other in [
            "", "ci", String(Self.first.dropLast()), Self.first + "a", Self.first.uppercased(), " " + Self.first,
        ] {
            #expect(table.find(other) == nil, "\(other)")
        }
        for index in Self.first.indices {
            var other = Self.first
            other.replaceSubrange(index...index, with: "b")
            #expect(table.find(other) == nil)
        }
    }

    @Test(arguments: [
        ("", "it has no token, so that nobody could ask for anything"),
        ("# nothing\n\n", "it has no token, so that nobody could ask for anything"),
        ("ci read", "line 1 is not a name, a role and a token, with blanks between"),
        ("ci read \(first) # mine", "line 1 is not a name, a role and a token, with blanks between"),
        ("\nc:i read \(first)", "line 2: the name is not 1 to 64 letters, digits, '-', '.' and '_'"),
        ("ci admin \(first)", "line 1: the role 'admin' is not read or control"),
        ("ci Read \(first)", "line 1: the role 'Read' is not read or control"),
        ("ci read \(first)!", "line 1: the token has other characters than letters, digits and -._~+/, then ="),
        ("ci read a=\(first)", "line 1: the token has other characters than letters, digits and -._~+/, then ="),
        ("ci read aaaa", "line 1: the token has 4 characters, not 32 to 512"),
        ("ci read \(first.dropLast())", "line 1: the token has 31 characters, not 32 to 512"),
        ("ci read \(second)=", "line 1: the token has 513 characters, not 32 to 512"),
        ("ci read \(first)\nci control \(second)", "line 2: the name is that of line 1"),
        ("# x\nci read \(first)\n\nme read \(first)", "line 4: the token is that of line 2"),
    ])
    func saysWhatIsWrongWithAFile(text: String, message: String) {
        let error = #expect(throws: TokenFileError.self) { _ = try Self.table(text) }
        #expect(error?.description == message)
    }

    @Test func repeatsNoTokenThatStandsInTheWrongPlace() {
        for text in [
            "\(Self.first) read ci", "ci \(Self.first) read", "read ci \(Self.first)", "\(Self.first) ci read",
            "\(Self.first) read \(Self.second)\n\(Self.first) read \(Self.first)",
        ] {
            let error = #expect(throws: TokenFileError.self) { _ = try Self.table(text) }
            #expect(error?.description.contains(Self.first) == false)
        }
    }

    @Test func refusesMoreThanItRemembers() throws {
        let lines = (0...256).map { "n\($0) read \(String(repeating: "t", count: 32))\($0)" }
        #expect(try Self.table(lines.dropLast().joined(separator: "\n")).tokens.count == 256)
        let error = #expect(throws: TokenFileError.self) { _ = try Self.table(lines.joined(separator: "\n")) }
        #expect(error == .tooMany(line: 257))
    }

    @Test func refusesWhatIsNotText() {
        #expect(throws: TokenFileError.notText) { _ = try TokenTable([0x63, 0xFF, 0x0A]) }
    }

    @Test func aRoleIncludesTheLesserOne() {
        #expect(AccessRole.control.includes(.read) && AccessRole.control.includes(.control))
        #expect(AccessRole.read.includes(.read) && !AccessRole.read.includes(.control))
    }

    @Test func countsEachEventApart() {
        let counters = AccessCounters()
        for (index, event) in AccessCounters.Event.allCases.enumerated() {
            for _ in 0...index { counters.count(event) }
        }
        #expect(AccessCounters.Event.allCases.map { counters[$0] } == [1, 2, 3, 4, 5, 6])
    }
}
