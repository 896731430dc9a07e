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

    /// How many columns a character takes: 0 when it joins the one before, 2 when it is wide.
    package static func columns(of scalar: Unicode.Scalar) -> Int {
        scalar.isASCII ? 1 : Int(clinux_character_columns(scalar.value))
    }
}
