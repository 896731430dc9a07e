import LinuxSystem

extension SegmentEngine {
    /// Answers a segment by a rule, at once or when its pace allows.
    mutating func answer(_ occasion: PreparedSegment.Occasion, for endpoint: EndpointRuntime, rule number: Int) {
        let rule = endpoint.rules[number]
        var occasion = occasion
        if answerBudgets != nil, !spend(rule.replies.count, of: &occasion.budget) {
            countSuppressed(of: endpoint)
            return
        }
        // The clock is not asked where there is no pace to keep.
        let now = rule.paceNanoseconds == 0 && !isRateLimited ? 0 : Clock.monotonicNanoseconds
        if rule.waiting.isEmpty, now >= rule.nextAllowed, mayAnswer(endpoint, at: now),
            reply(to: occasion, of: endpoint, by: rule)
        {
            rule.nextAllowed = now &+ rule.paceNanoseconds
            rule.remaining = rule.remaining.map { $0 - 1 }
            return
        }
        guard rule.waiting.count < Rule.waitingLimit else {
            countSuppressed(of: endpoint)
            return
        }
        rule.remaining = rule.remaining.map { $0 - 1 }
        rule.waiting.append(occasion)
        guard !rule.isScheduled else { return }
        let soon = retryDeadline(of: endpoint, at: Clock.monotonicNanoseconds)
        schedule(endpoint, rule: number, at: now < rule.nextAllowed ? rule.nextAllowed : soon)
    }

    /// Takes so many answers off what a segment may cause, and leaves to each of them its share; `false` when it may not
    /// cause so many.
    private func spend(_ count: Int, of budget: inout UInt32) -> Bool {
        guard count > 0 else { return true }
        guard count <= budget else { return false }
        budget = (budget - UInt32(count)) / UInt32(count)
        return true
    }

    private func countSuppressed(of endpoint: EndpointRuntime) {
        endpoint.counters.repliesSuppressed.add()
        handle.totals.repliesSuppressed.add()
    }

    /// Sends the first answer that waits, at its deadline.
    mutating func answerWaiting(_ endpoint: EndpointRuntime, rule number: Int, now: UInt64) {
        guard endpoint.answers else { return }
        let rule = endpoint.rules[number]
        rule.isScheduled = false
        guard let first = rule.waiting.first else { return }
        guard mayAnswer(endpoint, at: now), reply(to: first, of: endpoint, by: rule) else {
            return schedule(endpoint, rule: number, at: retryDeadline(of: endpoint, at: now))
        }
        rule.waiting.removeFirst()
        // Counted from the deadline, not from now, so that lateness does not add up.
        rule.nextAllowed = max(rule.nextAllowed &+ rule.paceNanoseconds, now)
        if !rule.waiting.isEmpty {
            schedule(endpoint, rule: number, at: rule.nextAllowed)
        }
    }

    /// Gives an endpoint that runs other rules.
    ///
    /// One that it has already goes on as it is, with its pace, what is left of its limit, and what waits. What waits
    /// for another is not sent any more, and counted as suppressed.
    mutating func replaceRules(of endpoint: EndpointRuntime, by rules: [RuleRuntime]) {
        var present = endpoint.rules
        forgetDeadlines(of: endpoint)
        endpoint.rules = rules.map { rule in
            guard let position = present.firstIndex(where: { $0.definition == rule.definition }) else { return rule }
            return present.remove(at: position)
        }
        let dropped = present.reduce(0) { $0 + $1.waiting.count }
        endpoint.counters.repliesSuppressed.add(UInt64(dropped))
        handle.totals.repliesSuppressed.add(UInt64(dropped))
        for (number, rule) in endpoint.rules.enumerated() where rule.isScheduled {
            schedule(endpoint, rule: number, at: rule.nextAllowed)
        }
        slotStates[endpoint.slot].hasRules = !endpoint.rules.isEmpty
    }

    /// Takes out what an endpoint's answers wait for, so that none of it meets the rules of a later start.
    mutating func forgetDeadlines(of endpoint: EndpointRuntime) {
        deadlines.removeAll { deadline in
            guard case .rule(let slot, let serial, _) = deadline else { return false }
            return slot == endpoint.slot && serial == endpoint.serial
        }
    }

    private mutating func schedule(_ endpoint: EndpointRuntime, rule number: Int, at deadline: UInt64) {
        endpoint.rules[number].isScheduled = true
        deadlines.insert(.rule(slot: endpoint.slot, serial: endpoint.serial, rule: number), at: deadline)
    }

    /// Puts one answer's segments into the socket's batch; `false` when it has no room.
    private mutating func reply(
        to occasion: PreparedSegment.Occasion, of endpoint: EndpointRuntime, by rule: RuleRuntime
    ) -> Bool {
        guard let socket = endpoint.socket else { return false }
        for number in rule.replies.indices {
            let segment = rule.replies[number]
            let purpose = EngineSocket.Purpose(
                kind: .reply, slot: endpoint.slot, serial: endpoint.serial, segmentLength: segment.segmentLength)
            guard enqueue(segment, on: occasion, for: purpose, through: socket) else {
                if number == 0 { return false }
                count(.queueFull, error: nil, for: purpose)
                continue
            }
        }
        noteAnswers(rule.replies.count, of: endpoint)
        expectArrival(from: occasion.source, at: occasion.destination, in: socket.network)
        return true
    }
}
