import CWebFiles
package import JSONText

/// A file that browsers are given, held by the program itself.
package struct WebFile: Sendable {
    /// All that there are.
    package static let all: [WebFile] = (0..<web_file_count()).compactMap { index in
        unsafe web_file_at(index).map { file in unsafe WebFile(file.pointee) }
    }

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

    /// FNV-1a: it need tell apart what two builds of the program hold, not withstand anybody.
    private static func entityTag(of octets: OctetBuffer) -> String {
        let octets = octets.span
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in octets.indices { hash = (hash ^ UInt64(octets[index])) &* 0x100_0000_01B3 }
        return "\"\(String(hash, radix: 16))\""
    }
}
