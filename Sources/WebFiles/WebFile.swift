import CWebFiles
package import JSONText

/// A file that browsers are given, held by the program itself.
package struct WebFile: Sendable {
    /// All that there are.
    package static let all: [WebFile] =
        (0..<web_file_count()).compactMap { index in
            unsafe web_file_at(index).map { file in unsafe WebFile(file.pointee) }
        } + generated.map { file in WebFile(file.path, file.mediaType, file.entityTag, file.text) }

    /// Where it is served, such as `/openapi.yaml`.
    package let path: String
    /// Its `Content-Type` (RFC 9110, section 8.3).
    package let mediaType: String
    /// What it holds, where the program has it.
    package let octets: OctetBuffer
    /// A strong entity tag, which tells its contents from others (RFC 9110, section 8.8.3).
    package let entityTag: String

    private init(_ file: web_file) {
        path = unsafe String(cString: file.path)
        mediaType = unsafe String(cString: file.media_type)
        let octets = unsafe OctetBuffer(constant: UnsafeRawPointer(file.octets), count: file.count)
        self.octets = octets
        entityTag = Self.entityTag(of: octets)
    }

    private init(_ path: String, _ mediaType: String, _ entityTag: String, _ text: StaticString) {
        self.path = path
        self.mediaType = mediaType
        self.entityTag = entityTag
        octets = unsafe OctetBuffer(constant: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
    }

    /// FNV-1a, eight octets at a time: it need tell apart what two builds of the program hold, not withstand anybody, and
    /// every start waits for it.
    private static func entityTag(of octets: OctetBuffer) -> String {
        let octets = unsafe octets.span.bytes
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var offset = 0
        while offset + 8 <= octets.byteCount {
            hash = unsafe (hash ^ octets.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* prime
            offset += 8
        }
        while offset < octets.byteCount {
            hash = unsafe (hash ^ UInt64(octets.unsafeLoad(fromByteOffset: offset, as: UInt8.self))) &* prime
            offset += 1
        }
        return "\"\(String(hash, radix: 16))\""
    }

    private static let prime: UInt64 = 0x100_0000_01B3
}
