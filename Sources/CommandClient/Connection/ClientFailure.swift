/// Why a command does not go on.
struct ClientFailure: Error, Equatable {
    var status: CommandStatus
    /// Lines for standard error; empty when there is nothing to say.
    var text: String

    init(_ status: CommandStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    /// Whoever read the output has had enough, which is no failure.
    static var closedPipe: ClientFailure { ClientFailure(.success, "") }
}
