import Glibc

/// A value that one thread at a time may use.
///
/// The standard library's `Mutex` would do, were it not for the thread sanitizer,
/// which does not see inside it and reports races that are none; this one it sees.
///
/// The value is of a type with a name, or holds one: a bare closure would be wrapped
/// once more at each use, and never unwrapped.
@safe
package struct Locked<Value: Sendable & ~Copyable>: ~Copyable, @unchecked Sendable {
    /// Room for the lock, before the value in the same piece of memory, and as much as any value is aligned to.
    private static var valueOffset: Int { 64 }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ value: consuming Value) {
        let alignment = unsafe max(MemoryLayout<pthread_mutex_t>.alignment, MemoryLayout<Value>.alignment)
        // One octet even for a value without any, whose address would otherwise be somebody else's memory: the thread
        // sanitizer takes that for a use of it.
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: Self.valueOffset + max(1, MemoryLayout<Value>.size), alignment: alignment)
        unsafe mutex = memory.initializeMemory(as: pthread_mutex_t.self, repeating: pthread_mutex_t(), count: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe self.value = (memory + Self.valueOffset).bindMemory(to: Value.self, capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    deinit {
        unsafe value.deinitialize(count: 1)
        unsafe pthread_mutex_destroy(mutex)
        unsafe UnsafeMutableRawPointer(mutex).deallocate()
    }

    /// Calls `body` with the value while no other thread has it; not to be nested.
    package borrowing func withLock<Result: ~Copyable, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }
}
