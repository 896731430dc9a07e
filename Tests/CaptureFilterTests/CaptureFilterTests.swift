import LinuxSystem
import Testing

@testable import CaptureFilter

@Suite struct CaptureFilterTests {
    private static let syn = Datagram.segment()
    private static let reset = Datagram.segment(
        from: [10, 0, 1, 9], sourcePort: 443, to: [10, 0, 0, 1], destinationPort: 50_001, flags: 0x14,
        payload: [UInt8]("GET /".utf8), headerOptions: 2)

    @Test(
        arguments: [
            ("", true, true), (" \t\n", true, true), ("tcp", true, true), ("udp", false, false), ("ip", true, true),
            ("not tcp", false, false), ("port 80", true, false), ("src port 443", false, true),
            ("tcp dst port 80", true, false), ("portrange 79-81", true, false), ("host 10.0.0.2", true, false),
            ("src host 10.0.1.9 or dst host 10.0.0.2", true, true), ("net 10.0.1.0/24", false, true),
            ("net 10.0.1", false, true), ("src net 10.0.1.0 mask 255.255.255.0", false, true),
            ("tcp[tcpflags] & tcp-syn != 0", true, false), ("tcp[tcpflags] & (tcp-rst|tcp-ack) = 20", false, true),
            ("tcp[13] == 0x02", true, false), ("ip[0:2] = 17664", true, false), ("greater 41", false, true),
            ("less 40", true, false), ("len <= 40", true, false), ("ip proto 6", true, true),
            ("ip[8] > 63 && ! (tcp port 80)", false, true), ("tcp[20:4] = 0x47455420", false, true),
            ("tcp[(tcp[12] >> 2):4] = 0x47455420", false, true), ("(ip[6:2] & 0x1fff) = 0", true, true),
            ("len - 40 > 1", false, true),
        ])
    func judgesAsPcapFilterSays(expression: String, admitsSyn: Bool, admitsReset: Bool) throws {
        let filter = try CaptureFilter(expression)
        #expect(filter.admits(Self.syn.span) == admitsSyn)
        #expect(filter.admits(Self.reset.span) == admitsReset)
        #expect(filter.text == expression)
        #expect(filter.socketFilter.length == filter.length)
    }

    @Test(
        arguments: [
            "host example.com", "port http", "host localhost", "net loopback", "tcp port ssh and host 10.0.0.1",
            "Tcp", "TCP", "AND", "host tcp.", "host tcp_syn.x", "portrange http-https", "ip proto icmpv6",
            "ether host x",
            "gateway foo", "a", "host 0xg", "inbound", "vlan", "protochain 6", "tcp-ACK", "host ::add1",
            "xn--80ak6aa92e",
            "host add:1:1:1:1:1:1:1",
        ])
    func refusesNamesBeforeAnybodyIsAsked(expression: String) {
        #expect { try CaptureFilter(expression) } throws: { error in
            if case .name = error as? CaptureFilterError { return true }
            if case .character(":") = error as? CaptureFilterError { return expression.contains("::") }
            return false
        }
    }

    @Test(
        arguments: [
            ("host 1.2.3.4.5", CaptureFilterError.number("1.2.3.4.5")), ("host 999.1.1.1", .number("999.1.1.1")),
            ("len > 4294967296", .number("4294967296")), ("tcp[0x100000000] = 1", .number("0x100000000")),
            ("port 80-90", .number("80-90")), ("len > 1-1", .number("1-1")), ("portrange 1-70000", .number("1-70000")),
            ("portrange 1-2-3", .number("1-2-3")), ("host 1.2.3.4.", .number("1.2.3.4.")),
            ("tcp[0:x1] = 1", .number("x1")),
            ("1:2:3:4:5:6:7:address1", .number("address1")), ("tcp[1:0x1] = 1", .number("0x1")),
            ("ip proto \\tcp", .character("\\")), ("$ad", .character("$")), ("host \"a\"", .character("\"")),
            ("tcp[0::2] = 1", .character(":")), ("tcp[0:[", .character("[")), ("höst 1", .character("ö")),
            ("tcp\u{0}", .character("\u{0}")), ("_a", .character("_")), (".a", .character(".")),
            ("tcp;", .character(";")),
        ])
    func refusesWhatCouldBecomeAName(expression: String, expected: CaptureFilterError) {
        #expect(throws: expected) { try CaptureFilter(expression) }
    }

    @Test(
        arguments: [
            ("tcp[", "syntax error"), ("port", "syntax error"), ("and", "syntax error"), ("(tcp", "syntax error"),
            ("port 70000", "illegal port number 70000 > 65535"), ("ip6", "expression rejects all packets"),
            ("ip broadcast", "netmask not known, so 'ip broadcast' not supported"),
            ("net 10.0.0.1/8", "non-network bits set in \"10.0.0.1/8\""),
            ("tcp[0:3] = 1", "data size must be 1, 2, or 4"),
            ("10.0.0.1", "syntax error"), ("len / 0 = 1", "division by zero"),
        ])
    func repeatsWhatLibpcapSays(expression: String, message: String) {
        #expect { try CaptureFilter(expression) } throws: { error in
            guard case .refused(let text) = error as? CaptureFilterError else { return false }
            return text.contains(message)
        }
    }

    @Test func boundsExpressionsAndPrograms() throws {
        let longest = "tcp" + String(repeating: " ", count: CaptureFilter.maximumLength - 3)
        #expect(try CaptureFilter(longest).admits(Self.syn.span))
        #expect(throws: CaptureFilterError.tooLong(octets: longest.utf8.count + 1)) { try CaptureFilter(longest + " ") }

        // Deep and wide ones are compiled or refused, in time.
        let terms = (0..<180).map { "len=\($0)" }.joined(separator: " or ")
        #expect(try CaptureFilter(terms).admits(Self.syn.span))
        _ = try? CaptureFilter(String(repeating: "(", count: 1000) + "tcp" + String(repeating: ")", count: 1000))
        _ = try? CaptureFilter(String(repeating: "not ", count: 500) + "tcp")
        _ = try? CaptureFilter(String(repeating: "tcp[", count: 400) + "0" + String(repeating: "]", count: 400) + "=1")
        let pairs = (0..<60).map { "(src port \($0) and dst port 9)" }.joined(separator: " or ")
        let widest = try CaptureFilter(pairs)
        #expect(widest.length > 60)
        #expect(widest.length <= CaptureFilter.maximumInstructions)
    }

    @Test(arguments: 0...60)
    func readsNothingBeyondTheEnd(length: Int) throws {
        let cut = Array(Self.reset.prefix(length))
        // The last octet that each looks at.
        for (expression, needed) in [("tcp[20:4] != 0", 52), ("tcp", 10), ("ip[0] != 0", 1), ("dst port 50001", 32)] {
            let admits = try CaptureFilter(expression).admits(cut.span)
            #expect(admits == (length >= needed), "\(expression)")
        }
    }

    @Test func isEqualWhenItsTextIs() throws {
        let one = try CaptureFilter("tcp port 80")
        #expect(try one == CaptureFilter("tcp port 80"))
        #expect(try one != CaptureFilter("tcp port 81"))
        #expect(try Set([one, CaptureFilter("tcp port 80")]).count == 1)
    }

    @Test func compilesOnManyThreadsAtOnce() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let filter = try CaptureFilter("port \(number) and host 10.0.0.\(number % 3)")
                    return filter.admits(Datagram.segment(destinationPort: UInt16(number)).span) == (number % 3 != 0)
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }
}
