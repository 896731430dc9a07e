import Glibc
import StateStore

/// Why the state file cannot be used.
struct StateError: Error, CustomStringConvertible {
    let description: String
    /// What the process ends with.
    let status: CInt

    init(_ error: StateStoreError, in path: String) {
        description = "the state file \(path) cannot be used: \(error); \(error.remedy)"
        status = error.isAboutContent ? EX_DATAERR : EX_CANTCREAT
    }

    init(_ detail: String, in path: String) {
        description = "the state file \(path) cannot be used: \(detail); it is left as it is"
        status = EX_DATAERR
    }
}
