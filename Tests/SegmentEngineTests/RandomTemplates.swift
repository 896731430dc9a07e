import TCPWire

@testable import SegmentEngine

extension NumberSource {
    static func random(using generator: inout SeededGenerator) -> Self {
        let number = UInt32.random(in: 0...UInt32.max, using: &generator)
        let name = ReceivedNumber.allCases.randomElement(using: &generator) ?? .end
        return generator.either(.value(number), .received(name, plus: number))
    }
}

extension SegmentTemplate {
    /// A template any of whose fields may hold anything.
    static func random(using generator: inout SeededGenerator) -> SegmentTemplate {
        var template = SegmentTemplate()
        template.sourcePort = generator.either(nil, 4000)
        template.destinationPort = generator.either(nil, 4001)
        template.sequenceNumber = .random(using: &generator)
        template.acknowledgmentNumber = .random(using: &generator)
        template.dataOffset = generator.either(nil, 15)
        template.reservedBits = .random(in: 0...15, using: &generator)
        template.flags = TCPFlags(rawValue: .random(in: 0...255, using: &generator))
        template.window = .random(in: 0...65535, using: &generator)
        template.checksum =
            [.correct, .incorrect, .given(.random(in: 0...65535, using: &generator))].randomElement(using: &generator)
            ?? .correct
        template.urgentPointer = .random(in: 0...65535, using: &generator)
        template.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        template.payload = generator.octets(count: Int.random(in: 0...40, using: &generator))
        template.truncatedLength = generator.either(nil, 30)
        template.ip.source = generator.either(nil, IPv4Address(rawValue: 0x0a00_0001))
        template.ip.destination = generator.either(nil, IPv4Address(rawValue: 0x0a00_0002))
        template.ip.timeToLive = .random(in: 0...255, using: &generator)
        template.ip.dscp = .random(in: 0...63, using: &generator)
        template.ip.ecn = .random(in: 0...3, using: &generator)
        template.ip.identification = generator.either(nil, 99)
        template.ip.reservedFlag = .random(using: &generator)
        template.ip.dontFragment = .random(using: &generator)
        template.ip.moreFragments = .random(using: &generator)
        template.ip.fragmentOffset = .random(in: 0...8191, using: &generator)
        template.ip.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        return template
    }
}
