import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SendPolicyTests {
    private static let own = address("10.0.0.1")
    private static let peer = TransportAddress(address: address("10.0.0.2"), port: 9)

    private static func address(_ text: String) -> IPv4Address {
        IPv4Address(text) ?? .any
    }

    private static func number(_ text: String) -> UInt64 {
        UInt64(address(text).rawValue)
    }

    private static func policy(_ allowed: [String], spoofing: Bool = false) -> SendPolicy {
        var policy = SendPolicy(allowedDestinations: allowed.compactMap { IPv4Prefix($0) })
        policy.allowsSpoofing = spoofing
        return policy
    }

    /// Why a plan is refused; `nil` when it is not.
    private func refusal(
        _ policy: SendPolicy, _ template: SegmentTemplate = SegmentTemplate(), varying variations: [Variation] = [],
        to peer: TransportAddress? = SendPolicyTests.peer
    ) -> EngineError? {
        var step = TransmissionPlan.Step(template)
        step.variations = variations
        step.count = 1 << 33
        do throws(EngineError.Located) {
            try policy.check(step, from: Self.own, to: peer)
            return nil
        } catch {
            return error.error
        }
    }

    @Test(
        arguments: [
            ("10.0.0.2", nil), ("10.255.255.255", nil), ("11.0.0.0", "not allowed"), ("9.255.255.255", "not allowed"),
            ("192.0.2.7", nil), ("192.0.2.6", "not allowed"), ("0.0.0.0", "not unicast"),
            ("224.0.0.0", "not unicast"), ("239.255.255.255", "not unicast"), ("255.255.255.255", "not unicast"),
        ] as [(String, String?)])
    func aDestinationIsOnTheListOrRefused(text: String, refused: String?) {
        let policy = Self.policy(["10.0.0.0/8", "192.0.2.7"])
        let address = Self.address(text)
        let expected: EngineError? =
            switch refused {
            case nil: nil
            case "not unicast": .destinationNotUnicast(address)
            default: .destinationNotAllowed(address, allowed: policy.allowedDestinations)
            }
        var template = SegmentTemplate()
        template.ip.destination = address
        #expect(refusal(policy, template) == expected)
        #expect(refusal(policy, to: TransportAddress(address: address, port: 1)) == expected)
        let values = ValueSequence.values([Self.number("10.0.0.3"), UInt64(address.rawValue), Self.number("10.0.0.4")])
        #expect(refusal(policy, varying: [Variation(.destination, values)]) == expected)
        let one = UInt64(address.rawValue)...UInt64(address.rawValue)
        for sequence in [ValueSequence.range(one), .random(seed: 1, within: one)] {
            #expect(refusal(policy, varying: [Variation(.destination, sequence)]) == expected)
        }
    }

    /// Many hosts may hear a multicast address, so a block must have been meant for them; broadcast has no block.
    @Test(
        arguments: [
            (["0.0.0.0/0"], "224.0.0.1", false), (["192.0.0.0/2"], "224.0.0.1", false),
            (["224.0.0.0/4"], "224.0.0.1", true), (["0.0.0.0/0", "224.0.0.0/24"], "224.0.0.1", true),
            (["224.0.0.0/24"], "224.0.1.1", false), (["239.1.2.3"], "239.1.2.3", true),
            (["128.0.0.0/1"], "255.255.255.255", false), (["255.255.255.255"], "255.255.255.255", false),
            (["0.0.0.0/0"], "0.0.0.0", false), (["0.0.0.0/8"], "0.0.0.0", false),
        ] as [([String], String, Bool)])
    func moreThanOneHostIsMeantOrRefused(list: [String], text: String, isAllowed: Bool) {
        var template = SegmentTemplate()
        let address = Self.address(text)
        template.ip.destination = address
        let expected: EngineError? = isAllowed ? nil : .destinationNotUnicast(address)
        #expect(refusal(Self.policy(list), template) == expected)
        #expect(Self.policy(list).allows(address) == isAllowed)
    }

    @Test func nothingIsAllowedByAnEmptyList() {
        #expect(refusal(Self.policy([])) == .destinationNotAllowed(Self.peer.address, allowed: []))
    }

    /// From its first to its last address, and all between them.
    @Test(
        arguments: [
            (["10.0.0.0/8"], "10.0.0.0", "10.255.255.255", true), (["10.0.0.0/8"], "10.0.0.5", "11.0.0.0", false),
            (["10.0.0.0/8"], "9.255.255.255", "10.0.0.5", false),
            (["10.0.0.0/24", "10.0.2.0/24"], "10.0.0.5", "10.0.2.5", false),
            (["10.0.0.0/24", "10.0.0.0/8"], "10.0.0.5", "10.0.2.5", true),
            (["0.0.0.0/0"], "1.0.0.0", "223.255.255.255", true), (["0.0.0.0/0"], "0.0.0.0", "1.0.0.0", false),
            (["0.0.0.0/0"], "223.0.0.0", "224.0.0.0", false), (["0.0.0.0/0"], "223.0.0.0", "240.0.0.0", false),
            (["0.0.0.0/0"], "1.0.0.0", "255.255.255.254", false),
            (["0.0.0.0/0"], "240.0.0.0", "255.255.255.255", false),
            (["10.0.0.0/8", "224.0.0.0/4"], "224.0.0.0", "239.255.255.255", true),
            (["10.0.0.0/8", "224.0.0.0/4"], "224.0.0.0", "240.0.0.0", false),
            (["0.0.0.0/0", "224.0.0.0/4"], "1.0.0.0", "255.255.255.254", true),
            (["0.0.0.0/0", "224.0.0.0/5"], "1.0.0.0", "255.255.255.254", false),
        ] as [([String], String, String, Bool)])
    func aRangeOfDestinationsIsAllowedAsAWhole(list: [String], first: String, last: String, isAllowed: Bool) {
        let policy = Self.policy(list)
        var template = SegmentTemplate()
        template.ip.destination = Self.address("10.0.0.9")
        let range = Self.number(first)...Self.number(last)
        for sequence in [ValueSequence.range(range), .random(seed: 1, within: range)] {
            let refusal = refusal(policy, template, varying: [Variation(.destination, sequence)])
            #expect((refusal == nil) == isAllowed, "\(String(describing: refusal))")
        }
    }

    /// What has no bounds can become an address that nothing may be sent to.
    @Test(arguments: [ValueSequence.increment(1), .random(seed: 1, within: nil)])
    func destinationsWithoutBoundsAreRefused(sequence: ValueSequence) {
        #expect(refusal(Self.policy(["10.0.0.0/8"]), varying: [Variation(.destination, sequence)]) != nil)
    }

    @Test(
        arguments: [.values([1]), .range(1...2), .random(seed: 1, within: 5...6)] as [ValueSequence])
    func onlyWhoMaySpoofVariesTheSource(sequence: ValueSequence) {
        let variations = [Variation(.source, sequence)]
        guard case .sourceNotAllowed(_, own: Self.own)? = refusal(Self.policy(["0.0.0.0/0"]), varying: variations)
        else {
            Issue.record("spoofing is not allowed")
            return
        }
        #expect(refusal(Self.policy(["0.0.0.0/0"], spoofing: true), varying: variations) == nil)
    }

    @Test(
        arguments: [.increment(1), .values([1, 0]), .range(0...2), .random(seed: 1, within: nil)] as [ValueSequence])
    func noSourceBecomesOneThatTheKernelReplaces(sequence: ValueSequence) {
        let variations = [Variation(.source, sequence)]
        #expect(refusal(Self.policy(["0.0.0.0/0"], spoofing: true), varying: variations) == .sourceReplacedByKernel)
    }

    @Test func theEndpointsOwnSourceMayBeNamed() {
        let own = UInt64(Self.own.rawValue)
        #expect(refusal(Self.policy(["0.0.0.0/0"]), varying: [Variation(.source, .values([own]))]) == nil)
    }

    @Test func aSourceIsTheEndpointsOwnOrRefused() {
        var template = SegmentTemplate()
        template.ip.source = Self.own
        #expect(refusal(Self.policy(["10.0.0.0/8"]), template) == nil)
        let other = Self.address("10.0.0.3")
        template.ip.source = other
        #expect(refusal(Self.policy(["10.0.0.0/8"]), template) == .sourceNotAllowed(other, own: Self.own))
        #expect(refusal(Self.policy(["10.0.0.0/8"], spoofing: true), template) == nil)
    }

    @Test(
        arguments: [
            ([0x83, 3, 4, 0], 0x83), ([0x89, 3, 4, 0], 0x89), ([1, 1, 1, 0x83], 0x83), ([1, 0, 0, 0x89], 0x89),
            ([7, 3, 4, 0], nil), ([1, 1, 1, 0], nil), ([], nil),
        ] as [([UInt8], UInt8?)])
    func nobodyChoosesTheWay(options: [UInt8], kind: UInt8?) {
        var template = SegmentTemplate()
        template.ip.options = options
        let expected = kind.map { EngineError.sourceRouteNotAllowed(kind: $0) }
        #expect(refusal(Self.policy(["10.0.0.0/8"]), template) == expected)
        #expect(refusal(Self.policy(["10.0.0.0/8"], spoofing: true), template) == expected)
    }

    @Test func withoutARemoteTheSegmentSaysWhereTo() {
        let policy = Self.policy(["10.0.0.0/8"])
        var template = SegmentTemplate()
        #expect(refusal(policy, template, to: nil) == .destinationMissing)
        template.ip.destination = Self.peer.address
        #expect(refusal(policy, template, to: nil) == .destinationMissing)
        template.destinationPort = 9
        #expect(refusal(policy, template, to: nil) == nil)
        template.ip.destination = nil
        #expect(refusal(policy, template, to: nil) == .destinationMissing)
    }

    @Test(arguments: VariedField.named.map(\.field).filter { $0 != .source && $0 != .destination })
    func whateverElseVariesIsAllowed(field: VariedField) {
        let variations = [Variation(field, .random(seed: 1, within: nil)), Variation(field, .increment(-1))]
        #expect(refusal(Self.policy(["10.0.0.0/8"]), varying: variations) == nil)
    }
}
