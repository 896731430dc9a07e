import CFloor
import LinuxSystem

/// What the figures were measured on.
struct Machine {
    /// The processor's model; `nil` where the kernel does not tell.
    var processor: String?
    var cores: Int
    var memoryGibibytes: Int?
    /// The kernel's version, without what its builder added.
    var kernel: String?
    /// The Swift compiler in `PATH`, which brings the C compiler.
    var compiler: String?

    static func current() -> Machine {
        Machine(
            processor: value(of: "model name", in: "/proc/cpuinfo"),
            cores: Int(cfloor_core_count()),
            memoryGibibytes: value(of: "MemTotal", in: "/proc/meminfo")
                .flatMap { Int($0.filter(\.isNumber)) }
                .map { ($0 + 512 << 10) >> 20 },
            kernel: TextFile.read("/proc/sys/kernel/osrelease").map { String($0.prefix { $0.isNumber || $0 == "." }) },
            compiler: swiftVersion())
    }

    /// As a sentence without its full stop.
    var description: String {
        [
            "\(cores) cores", processor, memoryGibibytes.map { "\($0) GiB of memory" }, kernel.map { "Linux \($0)" },
            compiler.map { "Swift \($0), \(Self.build) build" },
        ].compactMap(\.self).joined(separator: ", ")
    }

    private static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    private static func value(of key: String, in path: String) -> String? {
        let line = TextFile.read(path)?.split(separator: "\n").first { $0.hasPrefix(key) }
        guard let line, let colon = line.firstIndex(of: ":") else { return nil }
        return String(line[line.index(after: colon)...].drop(while: \.isWhitespace))
    }

    private static func swiftVersion() -> String? {
        guard ChildProcess.isInstalled("swift"), let text = try? ChildProcess.run("swift --version"),
            let start = text.firstRange(of: "Swift version ")
        else { return nil }
        return String(text[start.upperBound...].prefix { !$0.isWhitespace })
    }
}
