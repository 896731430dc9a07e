import LinuxSystem

/// A list of elements that are memory and nothing else; for the engine's thread.
///
/// An array would ask at every access whether somebody else holds it too.
@safe
struct PlainList<Element: BitwiseCopyable>: ~Copyable {
    private(set) var capacity: Int
    private(set) var count = 0
    private var elements: UnsafeMutablePointer<Element>

    /// An empty list with room for so many elements, at least one, before it has to grow.
    init(capacity: Int) {
        precondition(capacity > 0, "a list has room for one element at least")
        self.capacity = capacity
        unsafe elements = .allocate(capacity: capacity)
    }

    deinit {
        // The elements are trivial, so there is nothing to deinitialize.
        unsafe elements.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    var indices: Range<Int> { 0..<count }

    /// Appends an element.
    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        unsafe (elements + count).initialize(to: element)
        count += 1
    }

    mutating func removeAll() {
        count = 0
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: elements, count: count)
        unsafe elements.deallocate()
        unsafe elements = larger
        capacity *= 2
    }

    /// Asks for the memory of an element, without waiting for it.
    @inline(__always)
    func prefetch(_ position: Int) {
        precondition(position >= 0 && position < count, "there is no element \(position) of \(count)")
        unsafe Cache.prefetch(elements + position)
    }

    // Addresses rather than coroutines, which the thread sanitizer cannot be compiled with.
    subscript(position: Int) -> Element {
        @inline(__always)
        unsafeAddress {
            precondition(position >= 0 && position < count, "there is no element \(position) of \(count)")
            return unsafe UnsafePointer(elements + position)
        }
        @inline(__always)
        unsafeMutableAddress {
            precondition(position >= 0 && position < count, "there is no element \(position) of \(count)")
            return unsafe elements + position
        }
    }
}
