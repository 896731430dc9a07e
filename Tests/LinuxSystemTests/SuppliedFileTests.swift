import Glibc
import LinuxSystem
import Testing

struct SuppliedFileTests {
    /// A file that is gone after the test.
    private final class Temporary {
        let path: String

        init(_ content: String, mode: mode_t) {
            var template = [UInt8]("\(P_tmpdir)/segmentd-test-XXXXXX".utf8CString.map(UInt8.init))
            path = unsafe template.withUnsafeMutableBytes { octets in
                guard let name = unsafe octets.assumingMemoryBound(to: CChar.self).baseAddress else { return "" }
                let file = unsafe mkstemp(name)
                _ = unsafe write(file, content, content.utf8.count)
                fchmod(file, mode)
                close(file)
                return unsafe String(cString: name)
            }
        }

        deinit { unsafe unlink(path) }
    }

    private static func refusal(_ path: String, limit: Int = 100, isSecret: Bool) -> String? {
        do throws(SuppliedFile.Refusal) {
            _ = try SuppliedFile.read(path, limit: limit, isSecret: isSecret)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [0o600, 0o400, 0o640, 0o440] as [mode_t])
    func readsASecretThatIsOne(mode: mode_t) throws {
        let file = Temporary("tell nobody", mode: mode)
        #expect(try SuppliedFile.read(file.path, limit: 11, isSecret: true) == [UInt8]("tell nobody".utf8))
    }

    @Test(arguments: [(0o644, "644"), (0o604, "604"), (0o602, "602"), (0o601, "601"), (0o620, "620"), (0o660, "660")])
    func refusesASecretThatOthersCanGetAt(mode: mode_t, shown: String) {
        let file = Temporary("tell everybody", mode: mode)
        #expect(
            Self.refusal(file.path, isSecret: true)
                == "it holds a secret, and its mode 0\(shown) lets others at it; chmod 600 is right")
        #expect(Self.refusal(file.path, isSecret: false) == nil)
    }

    @Test func refusesWhatIsTooLarge() {
        let file = Temporary("12345678901", mode: 0o600)
        #expect(Self.refusal(file.path, limit: 11, isSecret: false) == nil)
        #expect(Self.refusal(file.path, limit: 10, isSecret: false) == "it has more than 10 octets")
    }

    @Test func refusesWhatIsNoFile() {
        #expect(Self.refusal("/", isSecret: false) == "it is not a file")
        #expect(Self.refusal("/dev/zero", isSecret: false) == "it is not a file")
        #expect(
            Self.refusal("/nowhere/at/all", isSecret: false)
                == "it cannot be read: No such file or directory (ENOENT)")
    }

    @Test func doesNotWaitForAPipe() {
        let file = Temporary("", mode: 0o600)
        unsafe unlink(file.path)
        #expect(unsafe mkfifo(file.path, 0o600) == 0)
        #expect(Self.refusal(file.path, isSecret: true) == "it is not a file")
    }
}
