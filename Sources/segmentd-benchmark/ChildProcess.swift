import CFloor
import Glibc
import LinuxSystem

/// A command that runs beside us, with its standard input and output as pipes.
///
/// One that reads its input to the end stops when we do, however we end.
final class ChildProcess {
    let identifier: pid_t
    private let input: FileDescriptor
    private let output: FileDescriptor
    private let leadsGroup: Bool
    private var hasEnded = false

    /// Starts a command whose words are divided by spaces.
    ///
    /// One that `leadsGroup` makes itself the leader of a process group, as `timeout` does; what is done to it is then
    /// done to its children as well. One that `isMeasured` has the last core, and the calling thread the first.
    init(_ command: String, leadsGroup: Bool = false, isMeasured: Bool = false) throws(BenchmarkError) {
        self.leadsGroup = leadsGroup
        if isMeasured { Core.pin() } else { Core.roam() }
        defer { if isMeasured { Core.standAside() } }
        var (identifier, input, output): (CInt, CInt, CInt) = (0, 0, 0)
        guard unsafe cfloor_start(command, &identifier, &input, &output) == 0 else { throw .system(command, .last) }
        self.identifier = identifier
        self.input = FileDescriptor(adopting: input)
        self.output = FileDescriptor(adopting: output)
    }

    deinit {
        end()
    }

    /// Everything it writes until it ends.
    func wholeOutput() -> String {
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(output.rawValue, &buffer, buffer.count)
            guard count > 0 else { break }
            octets += buffer.prefix(count)
        }
        wait()
        return String(decoding: octets, as: UTF8.self)
    }

    /// Waits until it has written something.
    func waitForOutput() {
        var octet: UInt8 = 0
        _ = unsafe read(output.rawValue, &octet, 1)
    }

    /// Ends it, if it still runs.
    func end() {
        guard !hasEnded else { return }
        if leadsGroup { kill(-identifier, SIGKILL) }
        kill(identifier, SIGTERM)
        wait()
    }

    /// Stops it where it is, until it is resumed or ended.
    func pause() {
        kill(leadsGroup ? -identifier : identifier, SIGSTOP)
    }

    func resume() {
        kill(leadsGroup ? -identifier : identifier, SIGCONT)
    }

    private func wait() {
        guard !hasEnded else { return }
        var status: CInt = 0
        unsafe waitpid(identifier, &status, 0)
        hasEnded = true
    }

    /// Runs a command to its end and answers what it wrote.
    @discardableResult
    static func run(_ command: String) throws(BenchmarkError) -> String {
        try ChildProcess(command).wholeOutput()
    }

    /// Whether a program of that name is in `PATH`.
    static func isInstalled(_ name: String) -> Bool {
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { unsafe access("\($0)/\(name)", X_OK) == 0 }
    }

    /// A program that was built beside this one.
    static func neighbour(_ name: String) throws(BenchmarkError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0 else { throw .system("/proc/self/exe", .last) }
        let own = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { throw .unexpected("\(own) is no path") }
        return own[...slash] + name
    }
}
