import LinuxSystem
import SegmentEngine
import Synchronization
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Transmitting {
        private final class Answer: Sendable {
            let record = Mutex<TransmissionRecord?>(nil)
        }

        private func pair(_ bench: Bench) async throws -> (sender: EndpointRecord, receiver: EndpointRecord) {
            let sender = try await bench.create(.quiet("a", port: 44_000, remote: 44_001))
            let receiver = try await bench.create(.quiet("b", port: 44_001, remote: 44_000))
            return (sender: sender, receiver: receiver)
        }

        @Test func everySegmentArrivesOnceAndInOrder() async throws {
            let bench = try Bench { $0.ringSegments = 131_072 }
            let (sender, receiver) = try await pair(bench)
            let count: UInt64 = 100_000
            let first = UInt32.max - 9
            let transmission = try await bench.send(
                .numbered(count, from: first) { $0.payload = [1, 2, 3] }, from: "a")
            #expect(transmission.state == .done)
            #expect(transmission.requested == count)
            #expect(transmission.outcomes.present == [.sent: count])
            #expect(transmission.octetsSent == count * 23)
            #expect(transmission.firstError == nil)
            #expect(transmission.lateness == nil)
            #expect(eventually { receiver.counters.segmentsReceived + receiver.kernelDrops >= count })
            #expect(receiver.kernelDrops == 0)
            let numbers = bench.sequenceNumbers(receiver)
            #expect(numbers.count == Int(count))
            let misplaced = numbers.enumerated().filter { $0.element != first &+ UInt32($0.offset) }
            #expect(misplaced.isEmpty)
            #expect(receiver.counters.checksumsValid == count)
            for counters in [sender.counters, bench.handle.totals] {
                #expect(counters.segmentsSent.value == count)
                #expect(counters.octetsSent.value == count * 23)
                #expect(counters.ended(.sent) == count)
            }
            #expect(receiver.counters.octetsReceived == count * 23)
            #expect(bench.datagrams(sender, .sent).isEmpty)
        }

        @Test func stepsLeaveInTheirOrder() async throws {
            let bench = try Bench()
            let (_, receiver) = try await pair(bench)
            var plan = TransmissionPlan.numbered(1, from: 1)
            plan.steps += TransmissionPlan.numbered(200, from: 100).steps
            plan.steps += TransmissionPlan.numbered(5, from: 1000, pacing: .interval(nanoseconds: 1_000_000)).steps
            plan.steps +=
                TransmissionPlan.numbered(3, from: 2000) { template in
                    template.options = [2, 4, 5, 180]
                    template.payload = [UInt8](repeating: 7, count: 20_000)
                }.steps
            plan.steps += TransmissionPlan.numbered(70, from: 3000, pacing: .rate(perSecond: 100_000)).steps
            let transmission = try await bench.send(plan, from: "a")
            #expect(transmission.outcomes.present == [.sent: 279])
            #expect(eventually { receiver.counters.segmentsReceived == 279 })
            let expected = [1...1, 100...299, 1000...1004, 2000...2002, 3000...3069].flatMap {
                Array($0 as ClosedRange<UInt32>)
            }
            #expect(bench.sequenceNumbers(receiver) == expected)
            let large = bench.datagrams(receiver)[206...208]
            #expect(large.allSatisfy { $0.count == 20_044 })
        }

        @Test(arguments: [0, 1, 63, 100, 250, 1000] as [UInt64])
        func theRingKeepsAsManyAsAskedFor(recorded: UInt64) async throws {
            let bench = try Bench()
            let (sender, receiver) = try await pair(bench)
            try await bench.send(.numbered(250, from: 5, recorded: recorded), from: "a")
            #expect(eventually { receiver.counters.segmentsReceived == 250 })
            let kept = min(UInt32(recorded), 250)
            #expect(bench.sequenceNumbers(sender, .sent) == (0..<kept).map { $0 + 5 })
            #expect(bench.sequenceNumbers(receiver).count == 250)
        }

        @Test func theRingKeepsThemOfThoseThatLeaveTogether() async throws {
            let bench = try Bench()
            let (sender, receiver) = try await pair(bench)
            bench.holding {
                for first in [10, 20, 30] as [UInt32] {
                    let plan = TransmissionPlan.numbered(4, from: first, recorded: 2)
                    #expect(bench.handle.post(.send(plan, from: "a", waitNanoseconds: nil) { _ in }))
                }
            }
            #expect(eventually { receiver.counters.segmentsReceived == 12 })
            #expect(bench.sequenceNumbers(sender, .sent) == [10, 11, 20, 21, 30, 31])
        }

        @Test func cancellingStopsIt() async throws {
            let bench = try Bench()
            let (sender, _) = try await pair(bench)
            let transmission = try await bench.begin(.numbered(TransmissionPlan.endless), from: "a")
            #expect(transmission.requested == TransmissionPlan.endless)
            #expect(eventually { bench.now(transmission).sent > 1000 })
            #expect(bench.now(transmission).state == .sending)
            let last = try await bench.cancel(transmission)
            #expect(last.state == .cancelled)
            #expect(last.sent == sender.counters.segmentsSent.value)
            #expect(last.endedAt != nil)
            await bench.settle()
            #expect(bench.now(transmission).sent == last.sent)
            #expect(sender.counters.segmentsSent.value == last.sent)

            let again = try await bench.cancel(transmission)
            #expect(again.state == .cancelled)
            #expect(again.sent == last.sent)
            let done = try await bench.send(SegmentTemplate(), from: "a")
            #expect(try await bench.cancel(done).state == .done)
        }

        @Test(arguments: ["stop", "remove", "reset"])
        func endsWithItsEndpoint(how: String) async throws {
            let bench = try Bench()
            let (sender, _) = try await pair(bench)
            let answer = Answer()
            let posted = bench.handle.post(
                .send(.numbered(TransmissionPlan.endless), from: "a", waitNanoseconds: .max) { result in
                    answer.record.withLock { $0 = try? result.get() }
                })
            #expect(posted)
            #expect(eventually { sender.counters.segmentsSent.value > 1000 })
            switch how {
            case "stop": _ = try await bench.ask { .stop(id: "a", $0) }
            case "remove": try await bench.remove("a")
            default: _ = try await bench.ask { .reset($0) }
            }
            let sent = sender.counters.segmentsSent.value
            await bench.settle()
            let last = answer.record.withLock { $0 }
            #expect(last?.state == .cancelled)
            #expect(last?.sent == sent)
            #expect(sender.counters.segmentsSent.value == sent)
            #expect(bench.handle.totals.segmentsSent.value == sent)
            #expect(bench.handle.transmissions.transmission(1)?.state == (how == "reset" ? nil : .cancelled))
        }

        @Test func soManyMayBeUnderWay() async throws {
            let bench = try Bench { $0.maximumTransmissions = 2 }
            _ = try await pair(bench)
            let slow = TransmissionPlan.numbered(2, pacing: .interval(nanoseconds: 3_600_000_000_000))
            let first = try await bench.begin(slow, from: "a")
            _ = try await bench.begin(slow, from: "b")
            await #expect(throws: EngineError.tooManyTransmissions(limit: 2)) {
                _ = try await bench.begin(slow, from: "a")
            }
            try await bench.cancel(first)
            _ = try await bench.begin(slow, from: "a")
        }

        @Test func whatIsNotThereIsNotCancelled() async throws {
            let bench = try Bench()
            await #expect(throws: EngineError.unknownTransmission(number: 7)) {
                _ = try await bench.ask { .cancel(transmission: 7, $0) }
            }
        }
    }
}
