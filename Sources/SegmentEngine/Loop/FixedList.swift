/// A list with room for so many elements, which are memory and nothing else; for the engine's thread.
///
/// An array would ask at every access whether somebody else holds it too.
@safe
struct FixedList<Element: BitwiseCopyable>: ~Copyable {
    let capacity: Int
    private(set) var count = 0
    private let elements: UnsafeMutablePointer<Element>

    init(capacity: Int) {
        self.capacity = capacity
        unsafe elements = .allocate(capacity: capacity)
    }

    /// A full list of the same element.
    init(repeating element: Element, count: Int) {
        self.init(capacity: count)
        unsafe elements.initialize(repeating: element, count: count)
        self.count = count
    }

    deinit {
        // The elements are trivial, so there is nothing to deinitialize.
        unsafe elements.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    var indices: Range<Int> { 0..<count }

    /// Appends an element, for which there must be room.
    @inline(__always)
    mutating func append(_ element: Element) {
        precondition(count < capacity, "a list of \(capacity) is full")
        unsafe (elements + count).initialize(to: element)
        count += 1
    }

    /// Puts an element into these places, which must be filled already.
    mutating func replace(_ places: Range<Int>, with element: Element) {
        precondition(
            places.lowerBound >= 0 && places.upperBound <= count, "there are no elements \(places) of \(count)")
        unsafe (elements + places.lowerBound).update(repeating: element, count: places.count)
    }

    mutating func removeAll() {
        count = 0
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
