import CLinuxShims

/// Signals that are read from a descriptor instead of ending the process (`signalfd(2)`).
package struct SignalDescriptor: ~Copyable, Sendable {
    /// Readable while a signal waits to be taken.
    package let descriptor: FileDescriptor

    /// Holds these signals back from the calling thread, for good; threads that it starts do so too.
    package init(_ signals: [CInt]) throws(Errno) {
        descriptor = FileDescriptor(
            adopting: try systemCall { unsafe clinux_signal_descriptor(signals, signals.count) })
    }

    /// The signal that has come, if one has.
    package func take() -> CInt? {
        let number = clinux_take_signal(descriptor.rawValue)
        return number > 0 ? number : nil
    }
}
