import JSONText
import SegmentEngine
import TCPWire

/// Writes TCP options so that reading them gives the same octets.
enum OptionJSON {
    /// Writes a list of options; of one that a key signs, the key instead of the digest.
    static func write(_ octets: Span<UInt8>, signedBy key: SignatureKey? = nil, to json: inout JSONWriter) {
        json.beginArray()
        defer { json.endArray() }
        guard !octets.isEmpty else { return }
        var offset = 0
        for option in TCPOption.parse(octets).options {
            defer { offset += option.encodedLength }
            json.beginObject()
            if let name = option.kindName { json.member("kind", name) }
            if let key, key.offset == offset + 2, case .md5Signature = option {
                json.key("key")
                TemplateJSON.writePayload(key.octets, to: &json)
            } else {
                write(option, to: &json)
            }
            json.endObject()
        }
    }

    private static func write(_ option: TCPOption, to json: inout JSONWriter) {
        switch option {
        case .endOfOptionList, .noOperation, .sackPermitted: break
        case .maximumSegmentSize(let value): json.member("value", value)
        case .windowScale(let shift): json.member("shift", shift)
        case .sack(let blocks):
            json.key("blocks")
            json.beginArray()
            for block in blocks {
                json.beginObject()
                json.member("leftEdge", block.leftEdge.rawValue)
                json.member("rightEdge", block.rightEdge.rawValue)
                json.endObject()
            }
            json.endArray()
        case .timestamps(let value, let echoReply):
            json.member("value", value)
            json.member("echoReply", echoReply)
        case .fastOpenCookie(let cookie): json.member("cookie", hexadecimal: cookie.span)
        case .md5Signature(let digest): json.member("digest", hexadecimal: digest.span)
        case .authentication(let keyID, let nextKeyID, let code):
            json.member("keyID", keyID)
            json.member("nextKeyID", nextKeyID)
            json.member("code", hexadecimal: code.span)
        case .multipath(let data): json.member("data", hexadecimal: data.span)
        case .raw(let kind, let length, let data):
            json.member("kind", kind)
            if let length {
                json.member("length", length)
            } else if kind > TCPOption.Kind.noOperation {
                json.member("withoutLength", true)
            }
            json.member("data", hexadecimal: data.span)
        }
    }
}
