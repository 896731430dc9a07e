import CMicroHTTPD
import Glibc
import HTTPMessage
import JSONText

/// A response of libmicrohttpd with the usual fields, whose octets can be replaced while it is not being sent.
@safe
final class Reply {
    let count: Int
    let handle: OpaquePointer
    private let octets: UnsafeMutableRawPointer

    /// A response of so many octets; nothing when there is no memory.
    init?(count: Int, fields: [HTTPField]) {
        guard let octets = unsafe malloc(max(count, 1)) else { return nil }
        guard let handle = unsafe MHD_create_response_from_buffer(count, octets, .RESPMEM_MUST_FREE) else {
            unsafe free(octets)
            return nil
        }
        self.count = count
        unsafe self.octets = octets
        unsafe self.handle = handle
        for field in fields { unsafe handle.add(field) }
        for field in HTTPResponse.standardFields { unsafe handle.add(field) }
    }

    deinit {
        unsafe MHD_destroy_response(handle)
    }

    /// Takes over a body of its length.
    func fill(with body: OctetBuffer) {
        precondition(body.count == count, "a reply has its length for ever")
        unsafe octets.copyMemory(from: body.address, byteCount: count)
    }
}
