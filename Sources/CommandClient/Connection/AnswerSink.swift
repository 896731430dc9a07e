/// Takes an answer's body piece by piece; what C calls back into.
final class AnswerSink {
    /// Status, type and octets; returns whether more are wanted.
    let take: (Int, String?, [UInt8]) -> Bool

    init(_ take: @escaping (Int, String?, [UInt8]) -> Bool) {
        self.take = take
    }
}
