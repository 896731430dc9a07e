import CMicroHTTPD
import Glibc
import HTTPMessage

/// The head of a request that was admitted, and what it was found to be.
///
/// Clients say the same again and again. What the gate finds depends on nothing but a head's octets as libmicrohttpd
/// leaves them, where in them it found method, target, version and fields, the target as it came, and the connection:
/// where all of that is the same, so is the finding.
@safe
final class KnownHead {
    /// Longer ones are not worth the memory.
    static let longest = 1024

    /// Where something lies in a head.
    private struct Place: Equatable {
        let offset: Int
        let count: Int

        /// Where a part lies; one that is missing lies nowhere.
        init(_ part: UnsafePointer<CChar>?, _ count: Int, after start: UnsafeRawPointer) {
            offset = unsafe part.map { unsafe UnsafeRawPointer($0) - start } ?? .min
            self.count = count
        }
    }

    /// The places of a head's parts, in the order in which libmicrohttpd tells of them.
    @safe
    private struct Places {
        let start: UnsafeRawPointer
        var all: [Place] = []

        mutating func add(_ part: UnsafePointer<CChar>?, _ count: Int) {
            all.append(unsafe Place(part, count, after: start))
        }
    }

    /// How far the places of a head's parts are those that are known.
    @safe
    private struct Comparison {
        let start: UnsafeRawPointer
        let known: UnsafeBufferPointer<Place>
        var count = 0
        var isSame = true

        mutating func compare(_ part: UnsafePointer<CChar>?, _ count: Int) {
            isSame = unsafe isSame && self.count < known.count && known[self.count] == Place(part, count, after: start)
            self.count += 1
        }
    }

    /// Without a body yet.
    let request: HTTPRequest
    let admission: Admission
    private let octets: [UInt8]
    private let places: [Place]

    /// Remembers a head; nothing when it is too long.
    init?(_ request: HTTPRequest, _ admission: Admission, from head: borrowing ReceivedHead) {
        let count = head.size
        guard (1...Self.longest).contains(count) else { return nil }
        self.request = request
        self.admission = admission
        octets = unsafe [UInt8](UnsafeRawBufferPointer(start: head.method, count: count))
        var places = unsafe Places(start: UnsafeRawPointer(head.method))
        unsafe places.add(head.target, 0)
        unsafe places.add(head.version, 0)
        unsafe withUnsafeMutablePointer(to: &places) { places in
            _ = unsafe MHD_get_connection_values_n(
                head.connection, .HEADER_KIND,
                { context, _, name, nameLength, value, valueLength in
                    guard let places = unsafe context?.assumingMemoryBound(to: Places.self) else { return .NO }
                    unsafe places.pointee.add(name, nameLength)
                    unsafe places.pointee.add(value, valueLength)
                    return .YES
                }, places)
        }
        self.places = places.all
    }

    /// Whether a head whose target is the same is the same altogether.
    func isSame(as head: borrowing ReceivedHead) -> Bool {
        let count = head.size
        guard count == octets.count, unsafe memcmp(head.method, octets, count) == 0 else { return false }
        let (start, target) = unsafe (UnsafeRawPointer(head.method), head.target)
        let (version, connection) = unsafe (head.version, head.connection)
        return unsafe places.withUnsafeBufferPointer { known in
            var comparison = unsafe Comparison(start: start, known: known)
            unsafe comparison.compare(target, 0)
            unsafe comparison.compare(version, 0)
            unsafe withUnsafeMutablePointer(to: &comparison) { comparison in
                _ = unsafe MHD_get_connection_values_n(
                    connection, .HEADER_KIND,
                    { context, _, name, nameLength, value, valueLength in
                        guard let comparison = unsafe context?.assumingMemoryBound(to: Comparison.self) else {
                            return .NO
                        }
                        unsafe comparison.pointee.compare(name, nameLength)
                        unsafe comparison.pointee.compare(value, valueLength)
                        return .YES
                    }, comparison)
            }
            return comparison.isSame && comparison.count == known.count
        }
    }
}
