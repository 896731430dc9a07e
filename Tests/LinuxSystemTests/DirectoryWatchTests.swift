import Glibc
import LinuxSystem
import Testing

@Suite struct DirectoryWatchTests {
    private func hasChanged(_ watch: borrowing DirectoryWatch) throws -> Bool {
        let epoll = try EpollInstance()
        try epoll.add(watch.descriptor, for: .readable, token: 0)
        var ready: [EpollInstance.Ready] = []
        try epoll.wait(milliseconds: 0, into: &ready)
        return !ready.isEmpty
    }

    @Test func tellsThatAFileCameAndWent() throws {
        var template = Array("\(P_tmpdir)/segmentd-test-XXXXXX".utf8CString)
        let isMade = unsafe mkdtemp(&template) != nil
        try #require(isMade)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unsafe rmdir(directory) }
        let watch = try DirectoryWatch()
        try watch.watch(directory)
        try watch.watch(directory)
        #expect(try !hasChanged(watch))

        let file = directory + "/left"
        close(unsafe open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
        #expect(try hasChanged(watch))
        watch.takeChanges()
        #expect(try !hasChanged(watch))
        unsafe unlink(file)
        #expect(try hasChanged(watch))
    }

    @Test func saysThatThereIsNoDirectory() throws {
        let watch = try DirectoryWatch()
        #expect(throws: Errno.noSuchFile) { try watch.watch("/there/is/none") }
    }
}
