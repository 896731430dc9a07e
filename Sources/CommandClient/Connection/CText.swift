import Glibc

/// A copy of a string that C reads for as long as this value lives.
@safe
struct CText: ~Copyable {
    @unsafe let start: UnsafeMutablePointer<CChar>

    init(_ text: String) {
        guard let copy = unsafe strdup(text) else { preconditionFailure("memory is short") }
        unsafe start = copy
    }

    deinit {
        unsafe free(start)
    }
}
