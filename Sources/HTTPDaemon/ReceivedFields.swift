import CMicroHTTPD
import HTTPMessage

/// The header fields of a request, in order, and whether that is all there was between its first line and its end.
///
/// libmicrohttpd reads a head where it lies, with two NULs for each line end. A line that ends in a bare LF, a value
/// that a NUL cuts short, a folded line and a line without a name, which it takes for the end of the head, are no longer
/// seen in the fields, but in where they lie.
@safe
struct ReceivedFields {
    /// A name may be empty.
    private(set) var headers = HTTPHeaders()
    /// Where the next line must begin, when all lines before it were whole.
    private var end: UnsafeRawPointer?

    /// Takes the fields of a request, whose first line ends here; `nil` when nobody knows where.
    init(of connection: OpaquePointer, after firstLine: UnsafeRawPointer?) {
        unsafe end = unsafe firstLine.map { unsafe $0 + lineEnd }
        unsafe withUnsafeMutablePointer(to: &self) { fields in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { context, _, name, nameLength, value, valueLength in
                    guard let context = unsafe context else { return .NO }
                    let fields = unsafe context.assumingMemoryBound(to: ReceivedFields.self)
                    let field = unsafe HTTPField(text(name, nameLength), text(value, valueLength))
                    unsafe fields.pointee.headers.fields.append(field)
                    let isNext = unsafe fields.pointee.end == name.map { unsafe UnsafeRawPointer($0) }
                    unsafe fields.pointee.end =
                        unsafe isNext ? value.map { unsafe UnsafeRawPointer($0) + valueLength + lineEnd } : nil
                    return .YES
                }, fields)
        }
    }

    /// Whether the fields, each a line, and an empty line are all that comes before `headEnd`.
    func areWhole(to headEnd: UnsafeRawPointer) -> Bool {
        unsafe end.map { unsafe $0 + lineEnd } == headEnd
    }
}

/// CR and LF.
private let lineEnd = 2
