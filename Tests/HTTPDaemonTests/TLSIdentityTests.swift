import HTTPDaemon
import Testing

struct TLSIdentityTests {
    /// Made by openssl for these tests, and of use nowhere else.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBhzCCAS2gAwIBAgIUDsLj3+6LbAyi34dB0ORHTFItQXwwCgYIKoZIzj0EAwIw
        GDEWMBQGA1UEAwwNYmVuY2guZXhhbXBsZTAgFw0yNjExMjUyMDA2MzNaGA8yMTI2
        MTEwMTIwMDYzM1owGDEWMBQGA1UEAwwNYmVuY2guZXhhbXBsZTBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABJQh+0SJGplZ/+lkvOC/XBAwjyG6IdcWyCDo9NbfKDBo
        /aX8VuuyFAmhdo7F7DjLgeGy+xaSRSRHM3ziveEe08CjUzBRMB0GA1UdDgQWBBR4
        QfbcANMrXzkBMO02FYQybni8hTAfBgNVHSMEGDAWgBR4QfbcANMrXzkBMO02FYQy
        bni8hTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCICXqL5Jl2IAk
        9lqR5N9De8cTbUwrMSOqvYDMvtM1F7eDAiEAzs6+shC0Y42I0L46xXnNej+4AjaP
        1UsZynflIgRL4x8=
        -----END CERTIFICATE-----
        """
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/E0ALgvZTR+dfgsh
        OFhyII8cDN/PzBvJEjxcHuFk11KhRANCAASUIftEiRqZWf/pZLzgv1wQMI8huiHX
        Fsgg6PTW3ygwaP2l/FbrshQJoXaOxew4y4HhsvsWkkUkRzN84r3hHtPA
        -----END PRIVATE KEY-----
        """
    private static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXdkbbQe4mk9DF1CN
        HiY9uU9bUICxrs4RtCqpwGESoUKhRANCAAQHyKLafwz90uIfxED5qVwMY9s80dOv
        wlPFrvdARzYFz3ihEIALV9DYjbe7QekatfmiKuMoKXIQ6PZ4RhCITkKa
        -----END PRIVATE KEY-----
        """

    private static func refusal(certificate: String, key: String) -> TLSIdentity.Refusal? {
        do throws(TLSIdentity.Refusal) {
            _ = try TLSIdentity(certificate: [UInt8](certificate.utf8), key: [UInt8](key.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func takesAPairAndAChain() {
        #expect(Self.refusal(certificate: Self.certificate, key: Self.key) == nil)
        #expect(Self.refusal(certificate: Self.certificate + "\n" + Self.certificate, key: Self.key) == nil)
    }

    @Test func saysThatKeyAndCertificateDoNotBelongTogether() {
        #expect(
            Self.refusal(certificate: Self.certificate, key: Self.otherKey)?.description
                == "the certificate and the key do not belong together: The certificate and the given key do not match."
        )
    }

    @Test(arguments: ["", "text", String(certificate.dropLast(40)), key])
    func saysThatThereIsNoCertificate(text: String) {
        let refusal = Self.refusal(certificate: text, key: Self.key)
        #expect(refusal?.description.hasPrefix("the certificate is no PEM certificate: ") == true, "\(text)")
    }

    @Test(arguments: ["", "text", String(key.dropLast(40)), certificate])
    func saysThatThereIsNoKey(text: String) {
        let refusal = Self.refusal(certificate: Self.certificate, key: text)
        #expect(refusal?.description.hasPrefix("the key is no PEM key without a password: ") == true, "\(text)")
    }

    /// Every octet cut off or turned round is refused or taken, and never more.
    @Test func survivesDamage() {
        let certificate = [UInt8](Self.certificate.utf8)
        for index in stride(from: 0, to: certificate.count, by: 7) {
            var damaged = certificate
            damaged[index] ^= 0x41
            _ = try? TLSIdentity(certificate: damaged, key: [UInt8](Self.key.utf8))
            _ = try? TLSIdentity(certificate: Array(certificate.prefix(index)), key: [UInt8](Self.key.utf8))
        }
    }
}
