/// A number that an answer takes from the segment it answers.
package enum ReceivedNumber: String, CaseIterable, Sendable {
    case sequenceNumber
    case acknowledgmentNumber
    /// SEG.SEQ + SEG.LEN: the sequence number after the segment, SYN and FIN counting one (RFC 9293 §3.4).
    case end
}

/// Where a sequence or acknowledgment number to send comes from.
package enum NumberSource: Hashable, Sendable {
    case value(UInt32)
    /// A number of the received segment, and so much more, modulo 2³².
    case received(ReceivedNumber, plus: UInt32)
    /// A number of the segment that an earlier step of a run took; only in a run, which resolves it before it sends.
    case step(StepNumber)
}
