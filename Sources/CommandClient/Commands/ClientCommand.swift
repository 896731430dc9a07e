import ArgumentParser
import Glibc
import LinuxSystem

/// A command that asks the service for something and shows the answer.
protocol ClientCommand: ParsableCommand {
    var connection: ConnectionOptions { get }
    /// What the user wants to be written; `nil`, what suits standard output.
    var wantedFormat: OutputFormat? { get }

    /// Does it; what it returns is the exit status.
    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus
}

extension ClientCommand {
    func run() throws {
        // A reader that has had enough is told apart from an output that fails.
        signal(SIGPIPE, SIG_IGN)
        // The privileges are the service's: whoever asks it needs none.
        try? CapabilitySet().limitThread()
        let status: CommandStatus
        do throws(ClientFailure) {
            status = try perform(try connection.client(), on: Screen(wanted: wantedFormat))
        } catch {
            if !error.text.isEmpty { Screen.complain("Error: \(error.text)") }
            status = error.status
        }
        guard status == .success else { throw ExitCode(status.rawValue) }
    }
}
