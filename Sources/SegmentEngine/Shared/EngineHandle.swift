package import LinuxSystem

/// The parts of an engine that any thread may hold.
package final class EngineHandle: Sendable {
    package let configuration: EngineConfiguration
    package let captures: CaptureLog
    /// Where readers wait for what the ring does not have yet.
    package let watch: CaptureWatch
    package let endpoints = EndpointDirectory()
    package let transmissions: TransmissionDirectory
    package let runs: RunDirectory
    /// All endpoints together, removed ones included.
    package let totals = EngineCounters()
    /// What the engine's thread is doing.
    package let activity = EngineActivity()
    /// What raw sockets are like here; published when one is opened.
    package let health = EngineHealth()
    /// What happened, for whoever writes a log; what finds it full is lost.
    package let events: CommandMailbox<EngineEvent>
    /// Who keeps what must outlive the engine; `nil`: nobody.
    let journal: (any EngineJournal)?
    let mailbox: CommandMailbox<EngineCommand>
    /// For the thread that opens sockets in other namespaces; it must run, or some commands are never answered.
    package let namespaces: NamespaceDesk
    let counterPool = CounterPool()

    /// - Throws: ``Errno/noMemory`` when there is no room for the ring, and what the kernel says of descriptors.
    package init(configuration: EngineConfiguration, journal: (any EngineJournal)? = nil) throws(Errno) {
        let ring = CaptureRing.memoryOctets(
            capacity: configuration.ringSegments, octetCapacity: configuration.ringOctets)
        guard AddressSpace.hasRoom(forOctets: ring) else { throw .noMemory }
        self.journal = journal
        self.configuration = configuration
        captures = CaptureLog(capacity: configuration.ringSegments, octetCapacity: configuration.ringOctets)
        watch = try CaptureWatch(placeLimit: configuration.maximumWaiters)
        transmissions = TransmissionDirectory(capacity: configuration.rememberedTransmissions)
        runs = RunDirectory(capacity: configuration.rememberedRuns, octetCapacity: configuration.rememberedRunOctets)
        events = try CommandMailbox(capacity: 65_536)
        mailbox = try CommandMailbox(capacity: configuration.mailboxCapacity)
        namespaces = try NamespaceDesk()
    }

    /// Asks something of the engine; `false` when too much waits already.
    package func post(_ command: EngineCommand) -> Bool {
        mailbox.post(command)
    }

    /// How many commands wait for the engine.
    package var waitingCommands: Int { mailbox.count }

    /// Ends the engine's thread, however much waits for it.
    package func shutDown() {
        mailbox.postAtOnce(.shutDown)
    }

    /// Takes what was posted, in place of an engine; for tests of what posts.
    package func takePosted() -> [EngineCommand] {
        mailbox.takeAll()
    }
}
