import Glibc
import Testing

@testable import HTTPDaemon

struct PeerRuleTests {
    @Test func knowsItsOwnUserByTheSocket() {
        var pair: [CInt] = [-1, -1]
        #expect(unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        #expect(PeerRule(group: nil).peer(of: pair[0]) == .user(geteuid()))
    }

    @Test func whoeverTheKernelDoesNotNameIsAStranger() {
        let descriptor = unsafe open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        #expect(PeerRule(group: nil).peer(of: descriptor) == .stranger(.max))
    }
}
