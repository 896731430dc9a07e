import Foundation
import Testing

/// The datagrams that coverage-guided fuzzing has found worth keeping, and what is made of them at random.
@Suite struct SegmentFuzzingTests {
    /// One datagram a line, in hexadecimal digits.
    private static let corpus: [[UInt8]] = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "corpus.hex")
        guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map { line in
            let digits = Array(line.utf8)
            return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
                UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16)
            }
        }
    }()

    @Test func whatWasKept() {
        #expect(Self.corpus.count > 100)
        let subject = DatagramSubject()
        for datagram in Self.corpus { subject.take(datagram) }
    }

    @Test(arguments: UInt64(0)..<8)
    func whatIsMadeOfIt(seed: UInt64) {
        var random = SplitMix(state: seed)
        let subject = DatagramSubject()
        for _ in 0..<1_000 {
            subject.take(Self.mutant(using: &random))
        }
    }

    private static func mutant(using random: inout SplitMix) -> [UInt8] {
        var octets = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...octets.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < octets.count: octets[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1 where place < octets.count: octets[place] = .random(in: 0...(.max), using: &random)
            case 2: octets.removeSubrange(place...)
            case 3: octets.insert(.random(in: 0...(.max), using: &random), at: place)
            case 4: octets.append(contentsOf: (corpus.randomElement(using: &random) ?? []).prefix(place))
            default:
                octets.replaceSubrange(place..., with: (corpus.randomElement(using: &random) ?? []).dropFirst(place))
            }
        }
        return octets
    }
}

/// Steele, Lea and Flood's generator: the same mutants for the same seed, everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
