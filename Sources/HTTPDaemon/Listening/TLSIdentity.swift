import CGnuTLS
import CMicroHTTPD

/// A certificate with its chain and its key, both PEM, which belong together.
package struct TLSIdentity: Hashable, Sendable {
    /// The octets that either may have.
    package static let maximumOctets = 1 << 20

    /// Why there can be no TLS with them.
    package enum Refusal: Error, Hashable, Sendable {
        case unsupported
        case certificate(String)
        case key(String)
        case pair(String)
    }

    /// With a NUL at their ends, for libmicrohttpd.
    let certificate: [UInt8]
    let key: [UInt8]

    /// Takes a pair that GnuTLS takes.
    package init(certificate: [UInt8], key: [UInt8]) throws(Refusal) {
        guard MHD_is_feature_supported(.FEATURE_TLS) == .YES else { throw .unsupported }
        var part = CGNUTLS_PAIR
        let code = unsafe cgnutls_check_pair(certificate, certificate.count, key, key.count, &part)
        if code != 0 {
            let reason = unsafe String(cString: gnutls_strerror(code))
            switch part {
            case CGNUTLS_CERTIFICATE: throw .certificate(reason)
            case CGNUTLS_KEY: throw .key(reason)
            default: throw .pair(reason)
            }
        }
        self.certificate = certificate + [0]
        self.key = key + [0]
    }
}

extension TLSIdentity.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupported: "libmicrohttpd was built without TLS on this host"
        case .certificate(let reason): "the certificate is no PEM certificate: \(reason)"
        case .key(let reason): "the key is no PEM key without a password: \(reason)"
        case .pair(let reason): "the certificate and the key do not belong together: \(reason)"
        }
    }
}
