import AccessControl
import ArgumentParser
import Glibc
import HTTPDaemon
import LinuxSystem

/// What the options about access name, read once at the start.
struct AccessFiles {
    let tokens: TokenTable?
    let identity: TLSIdentity?
    let unixSocket: HTTPDaemon.UnixSocket?

    init(_ options: AccessOptions) throws {
        tokens = try options.tokenFile.map { path in
            do {
                return try TokenTable(SuppliedFile.read(path, limit: TokenTable.maximumOctets, isSecret: true))
            } catch {
                throw ValidationError("--token-file \(path): \(error)")
            }
        }
        identity = try Self.identity(options)
        unixSocket = try options.unixSocket.map { path in
            HTTPDaemon.UnixSocket(path: path, group: try options.unixSocketGroup.map(Self.group))
        }
    }

    private static func identity(_ options: AccessOptions) throws -> TLSIdentity? {
        guard let certificatePath = options.tlsCertificate, let keyPath = options.tlsKey else { return nil }
        func content(_ option: String, _ path: String, isSecret: Bool) throws -> [UInt8] {
            do {
                return try SuppliedFile.read(path, limit: TLSIdentity.maximumOctets, isSecret: isSecret)
            } catch {
                throw ValidationError("\(option) \(path): \(error)")
            }
        }
        let certificate = try content("--tls-certificate", certificatePath, isSecret: false)
        let key = try content("--tls-key", keyPath, isSecret: true)
        do throws(TLSIdentity.Refusal) {
            return try TLSIdentity(certificate: certificate, key: key)
        } catch {
            let place =
                switch error {
                case .unsupported, .certificate: "--tls-certificate \(certificatePath)"
                case .key: "--tls-key \(keyPath)"
                case .pair: "--tls-certificate \(certificatePath), --tls-key \(keyPath)"
                }
            throw ValidationError("\(place): \(error)")
        }
    }

    private static func group(_ text: String) throws -> UInt32 {
        if let number = UInt32(text), number != .max { return number }
        guard let group = unsafe getgrnam(text) else {
            throw ValidationError("--unix-socket-group \(text): there is no such group")
        }
        return unsafe group.pointee.gr_gid
    }
}
