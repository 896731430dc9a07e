import StateStore
import Testing

@testable import ControlAPI
@testable import SegmentEngine

@Suite struct StateBatchTests {
    /// Whatever changes, in whatever portions: written one after the other, they come to the same.
    @Test(arguments: UInt64(0)..<200)
    func portionsComeToTheSameAsOneChangeAfterTheOther(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var truth: [UInt32: String] = [:]
        var kept: [UInt32: String] = [:]
        var batch = StateBatch()
        for number in 0..<60 {
            let serial = UInt32.random(in: 1...5, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                truth[serial] = "\(number)"
                batch.add(.endpoint(Self.endpoint(serial, label: "\(number)")))
            case 5..<8:
                truth[serial] = nil
                batch.add(.endpointRemoved(serial))
            case 8:
                truth = [:]
                batch.add(.reset)
            default:
                // Half of the time it could not be written, and stays before what comes later.
                guard Bool.random(using: &generator) else {
                    var earlier = batch
                    earlier.add(StateBatch())
                    batch = earlier
                    continue
                }
                Self.apply(batch, to: &kept)
                batch = StateBatch()
            }
        }
        var later = StateBatch()
        truth[9] = "last"
        later.add(.endpoint(Self.endpoint(9, label: "last")))
        batch.add(later)
        Self.apply(batch, to: &kept)
        #expect(kept == truth)
    }

    @Test func aTransmissionIsKeptWhileItIsUnderWay() {
        var batch = StateBatch()
        var record = TransmissionRecord(number: 7, endpoint: "e", requested: 10)
        batch.add(.transmission(record))
        #expect(StateEncoding.changes(batch).transmissions.map(\.number) == [7])
        record.state = .done
        batch.add(.transmission(record))
        let changes = StateEncoding.changes(batch)
        #expect(changes.transmissions.isEmpty)
        #expect(changes.removedTransmissions == [7])
        #expect(changes.latestTransmission == 7)
    }

    private static func endpoint(_ serial: UInt32, label: String) -> EndpointRecord {
        var definition = EndpointDefinition(preset: .server)
        definition.labels = [.init(name: "n", value: label)]
        return EndpointRecord(
            id: "e\(serial)", serial: serial, definition: definition, state: .running, activeGuard: .none, cursor: 0,
            warnings: [], createdAt: 1, startedAt: nil, counters: EngineCounters(), socket: nil, earlierDrops: 0)
    }

    private static func apply(_ batch: StateBatch, to kept: inout [UInt32: String]) {
        if batch.removesAll { kept = [:] }
        for (serial, entry) in batch.endpoints {
            switch entry {
            case .put(let record): kept[serial] = record.definition.labels[0].value
            case .remove: kept[serial] = nil
            }
        }
    }
}
