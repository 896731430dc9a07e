import LinuxSystem
import SegmentEngine

/// Why a path could not be measured.
enum BenchmarkError: Error, CustomStringConvertible {
    case system(String, Errno)
    case engine(EngineError)
    case unexpected(String)

    var description: String {
        switch self {
        case .system(let what, let error): "\(what): \(error)"
        case .engine(let error): "the engine: \(error)"
        case .unexpected(let what): what
        }
    }
}
