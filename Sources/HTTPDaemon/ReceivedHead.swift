import CMicroHTTPD
import Glibc

/// The head of a request where libmicrohttpd has it, for the length of a callback.
@safe
struct ReceivedHead: ~Copyable {
    let connection: OpaquePointer
    /// Here the head begins.
    let method: UnsafePointer<CChar>
    let target: UnsafePointer<CChar>
    let version: UnsafePointer<CChar>

    /// The head, as text.
    func read(for request: ReceivedRequest) -> RequestHead {
        let versionLength = unsafe strlen(version)
        let fields = unsafe ReceivedFields(of: connection, after: UnsafeRawPointer(version) + versionLength)
        return unsafe RequestHead(
            method: text(method, strlen(method)), target: request.target,
            isLineWhole: cmicrohttpd_is_line_whole(method, target, request.targetLength, version) != 0,
            version: text(version, versionLength), headers: fields.headers,
            areFieldsWhole: fields.areWhole(to: UnsafeRawPointer(method) + size),
            localAddress: request.connection.localAddress, peer: request.connection.peer)
    }

    /// How many octets it has, from its method to the empty line.
    var size: Int { unsafe cmicrohttpd_head_size(connection) }
}
