import Foundation
import HTTPMessage
import JSONText
import LinuxSystem
import Locking
import StateStore
import Testing

@testable import ControlAPI
@testable import SegmentEngine

@Suite struct StateJournalTests {
    @Test func answersWhenTheChangeIsInTheFile() throws {
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let journal = try StateJournal(store: StateStore(path: place.path))
        let answers = Locked<[String]>([])
        journal.whenKept { _ in answers.withLock { $0.append("nothing to keep") } }
        journal.note([.runRemoved(1)])
        journal.whenKept { failure in answers.withLock { $0.append("first \(failure == nil)") } }
        #expect(answers.withLock { $0 } == ["nothing to keep"])
        journal.note([.runRemoved(2)])
        journal.whenKept { failure in answers.withLock { $0.append("second \(failure == nil)") } }
        #expect(journal.write() == nil)
        #expect(answers.withLock { $0 } == ["nothing to keep", "first true", "second true"])
        journal.whenKept { _ in answers.withLock { $0.append("at once") } }
        #expect(answers.withLock { $0.last } == "at once")
    }

    @Test func whatCouldNotBeWrittenIsWrittenLater() throws {
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let bench = try Bench()
        let store = try StateStore(path: place.path)
        let journal = try StateJournal(store: store)
        try place.hide()
        var definition = EndpointDefinition(preset: .server)
        definition.id = "first"
        journal.note([.endpoint(bench.publish(definition))])
        let told = Locked<[StateStoreError?]>([])
        journal.whenKept { failure in told.withLock { $0.append(failure) } }
        #expect(journal.write() == .gone)
        #expect(told.withLock { $0 } == [.gone])
        #expect(journal.failure == .gone)
        definition.id = "second"
        journal.note([.endpoint(bench.publish(definition))])
        #expect(journal.write() == .gone)
        try place.showAgain()
        #expect(journal.write() == nil)
        #expect(journal.failure == nil)
        #expect(try store.read().endpoints.map(\.id) == ["first", "second"])
    }

    @Test func aRequestWaitsForTheFileAndIsToldIfItFails() throws {
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let journal = try StateJournal(store: StateStore(path: place.path))
        let bench = try Bench(state: journal)
        let created = try bench.begin("POST", "/endpoints", #"{"role":"server"}"#)
        journal.note([.runRemoved(1)])
        bench.obeyPosted()
        #expect(!created.isAnswered)
        _ = journal.write()
        #expect(created.takeResponse()?.status == 201)

        try place.hide()
        let stopped = try bench.begin("POST", "/endpoints/server/stop")
        journal.note([.runRemoved(1)])
        bench.obeyPosted()
        _ = journal.write()
        let response = try #require(stopped.takeResponse())
        #expect(response.status == 507)
        #expect(response.json?["type"]?.text == "/problems/state-not-kept")
        #expect(response.json?["detail"]?.text?.contains(place.path) == true)
    }

    @Test(arguments: [
        ("POST", "/endpoints", #"{"role":"server"}"#), ("PATCH", "/endpoints/server", "{}"),
        ("POST", "/endpoints/server/start", ""), ("POST", "/endpoints/server/segments", "{}"),
        ("POST", "/runs", #"{"steps":[{"pause":"1s"}]}"#),
    ])
    func beginsNothingThatCannotBeKept(method: String, target: String, body: String) throws {
        let (bench, _) = try failing()
        let refused = try bench.begin(method, target, body)
        let response = try #require(refused.takeResponse())
        #expect(response.status == 503)
        #expect(response["Retry-After"] == "1")
        #expect(response.json?["type"]?.text == "/problems/state-unavailable")
        #expect(bench.engine.takePosted().isEmpty)
    }

    @Test(arguments: [
        ("DELETE", "/endpoints/server"), ("POST", "/endpoints/server/stop"), ("POST", "/reset"),
        ("DELETE", "/transmissions/t1"), ("DELETE", "/runs/r1"),
    ])
    func endsWhatThereIsAllTheSame(method: String, target: String) throws {
        let (bench, journal) = try failing()
        _ = bench.engine.transmissions.begin(endpoint: "server", requested: 1)
        _ = bench.engine.runs.begin(RunPlan(name: nil, endpoints: [], steps: []), createdAt: 1)
        let ended = try bench.begin(method, target)
        bench.obeyPosted()
        #expect(bench.latest != nil)
        #expect(!ended.isAnswered)
        _ = journal.write()
        #expect(ended.takeResponse()?.status == 507)
    }

    @Test func readsGoOnAndReadinessTells() throws {
        let (bench, _) = try failing()
        #expect(try bench.answer("GET", "/endpoints/server").status == 200)
        bench.engine.health.publish(.usable(receiveBufferOctets: 8 << 20))
        let ready = try bench.answer("GET", "/readyz")
        #expect(ready.status == 503)
        #expect(ready.text.contains(#"{"name":"state","ok":false,"detail":"changes cannot be kept in"#))
    }

    @Test func aDiskThatHangsIsAFailure() throws {
        let disk = try StuckDisk()
        // Every write takes too long.
        let journal = try StateJournal(store: disk, patience: (0, 0), maximumWaiters: 10)
        let bench = try Bench(state: journal)
        var definition = EndpointDefinition(preset: .server)
        definition.id = "server"
        bench.publish(definition)
        bench.engine.health.publish(.usable(receiveBufferOctets: 8 << 20))
        #expect(try bench.answer("GET", "/readyz").status == 200)
        let created = try bench.begin("POST", "/endpoints", #"{"role":"client"}"#)
        journal.note([.runRemoved(1)])
        bench.obeyPosted()
        journal.giveUpWaiting()
        #expect(!created.isAnswered, "nothing is being written yet")

        let thread = try LinuxSystem.Thread(name: "disk", owning: journal) { journal in _ = journal.write() }
        try disk.began.waitForRing()
        #expect(!created.isAnswered)
        journal.giveUpWaiting()
        let response = try #require(created.takeResponse())
        #expect(response.status == 507)
        #expect(response.text.contains("the disk does not answer"))
        #expect(response.text.contains("It was done"))
        // Whoever comes later does not wait.
        let stopped = try bench.begin("POST", "/endpoints/server/stop")
        bench.obeyPosted()
        #expect(stopped.takeResponse()?.status == 507)
        #expect(try bench.answer("POST", "/endpoints/server/start").status == 503)
        let ready = try bench.answer("GET", "/readyz")
        #expect(ready.status == 503)
        #expect(ready.text.contains("the disk does not answer"))

        disk.goesOn.ring()
        thread.join()
        #expect(journal.failure == nil)
        #expect(try bench.answer("GET", "/readyz").status == 200)
        #expect(try bench.answer("POST", "/endpoints/server/start").status == 200)
    }

    @Test func onlySoManyWait() throws {
        let journal = try StateJournal(store: StuckDisk(), patience: (1 << 40, 0), maximumWaiters: 2)
        let answers = Locked<[StateStoreError?]>([])
        journal.note([.runRemoved(1)])
        for _ in 0..<3 { journal.whenKept { failure in answers.withLock { $0.append(failure) } } }
        #expect(answers.withLock { $0 } == [.crowded(limit: 2)])
    }

    /// An API with an endpoint and a file that has gone.
    private func failing() throws -> (Bench, StateJournal) {
        let place = try Place()
        defer { withExtendedLifetime(place) {} }
        let journal = try StateJournal(store: StateStore(path: place.path))
        let bench = try Bench(state: journal)
        var definition = EndpointDefinition(preset: .server)
        definition.id = "server"
        bench.publish(definition)
        try place.hide()
        journal.note([.runRemoved(1)])
        #expect(journal.write() == .gone)
        return (bench, journal)
    }
}
