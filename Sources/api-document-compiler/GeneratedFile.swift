/// A file that the service gives away, made from the document.
struct GeneratedFile {
    var path: String
    var mediaType: String
    var text: String

    /// Tells what it holds from what other builds hold (FNV-1a), so that the service need not look at all of it.
    var entityTag: String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, octet in
            (hash ^ UInt64(octet)) &* 0x100_0000_01B3
        }
        return "\"\(String(hash, radix: 16))\""
    }
}
