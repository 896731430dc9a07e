import Glibc

/// What a command ends with.
///
/// docs/reference/command-line.md tells users what each means.
enum CommandStatus: Int32 {
    case success = 0
    /// It came out otherwise than wanted: a run failed, a segment did not leave, the service is not ready.
    case unsatisfied = 1
    /// It cannot be told how it came out: a run was inconclusive or cancelled, or had not ended in time.
    case inconclusive = 2
    /// The service refused.
    case refused = 3
    /// The service did not answer, or not as one of these does.
    case unreachable = 4
    /// The arguments contradict each other; the argument parser's own status for what is wrong with them.
    case usage = 64
    /// A file cannot be read.
    case noInput = 66
    /// There is something on this host that the command takes and that is not there.
    case unavailable = 69
    /// A file cannot be made.
    case cannotCreate = 73
    /// Output cannot be written.
    case ioError = 74
    /// Ended by SIGINT while it waited for an end that had not come.
    case interrupted = 130
}
