import CMicroHTTPD
import HTTPMessage

/// A response of libmicrohttpd that is not queued yet.
extension OpaquePointer {
    /// Adds a header field without the copies of its texts that calling C with strings makes.
    func add(_ field: HTTPField) {
        unsafe field.name.withCString { name in
            unsafe field.value.withCString { value in
                _ = unsafe MHD_add_response_header(self, name, value)
            }
        }
    }

    /// Adds a header field of constants.
    func add(_ field: (name: StaticString, value: StaticString)) {
        unsafe cmicrohttpd_add_constant(self, field.name.utf8Start, field.value.utf8Start)
    }
}
