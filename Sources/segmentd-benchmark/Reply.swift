import Glibc
import Locking

/// A value that another thread gives, and that one waits for.
@safe
final class Reply<Value: Sendable>: @unchecked Sendable {
    private let value = Locked<Value?>(nil)
    private let bell: UnsafeMutablePointer<sem_t>

    init() {
        unsafe bell = .allocate(capacity: 1)
        unsafe bell.initialize(to: sem_t())
        unsafe sem_init(bell, 0, 0)
    }

    deinit {
        unsafe sem_destroy(bell)
        unsafe bell.deallocate()
    }

    func give(_ given: Value) {
        value.withLock { $0 = given }
        unsafe sem_post(bell)
    }

    /// Waits for the value.
    func wait() -> Value {
        while true {
            unsafe sem_wait(bell)
            if let given = value.withLock({ $0 }) { return given }
        }
    }
}
