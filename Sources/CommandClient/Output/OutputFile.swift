import Glibc
import LinuxSystem

/// A file that is made when the first octets for it are there; `-` is standard output.
struct OutputFile: ~Copyable {
    private static let mode: mode_t = 0o666

    private let path: String
    private let option: String
    private var file: FileDescriptor?

    init(path: String, named option: String) {
        self.path = path
        self.option = option
    }

    /// Appends octets.
    mutating func write(_ octets: [UInt8]) throws(ClientFailure) {
        guard path != "-" else { return try Screen.write(octets) }
        if file == nil {
            let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, Self.mode)
            guard number >= 0 else {
                throw ClientFailure(.cannotCreate, "\(option) \(path): it cannot be made: \(Errno(rawValue: errno))")
            }
            file = FileDescriptor(adopting: number)
        }
        guard let number = file?.rawValue else { return }
        try Screen.write(octets, to: number, "\(option) \(path)")
    }
}
