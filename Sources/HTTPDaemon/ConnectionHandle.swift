/// A connection of libmicrohttpd that another thread may resume while it is suspended.
@safe
struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }
}
