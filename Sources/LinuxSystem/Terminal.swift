import CLinuxShims
import Glibc

/// What a descriptor of the process says of the terminal behind it.
package enum Terminal {
    package static func isTerminal(_ descriptor: CInt) -> Bool {
        isatty(descriptor) == 1
    }

    /// How many columns it has; `nil` when it does not say or is none.
    package static func columns(_ descriptor: CInt) -> Int? {
        let columns = clinux_terminal_columns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }
}
