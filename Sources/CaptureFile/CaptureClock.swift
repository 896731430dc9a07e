/// How the times of an interface are written (draft-ietf-opsawg-pcapng, if_tsresol and if_tsoffset).
struct CaptureClock {
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    /// A negative power of 10, or of 2 where the highest bit is set.
    var resolution: UInt8 = 6
    /// To be added to every time.
    var offsetSeconds: Int64 = 0

    /// A time in nanoseconds; what does not fit is the nearest that does.
    func nanoseconds(_ time: UInt64) -> UInt64 {
        let nanoseconds = resolution & 0x80 == 0 ? decimal(time) : binary(time)
        let (offset, isTooLarge) = offsetSeconds.magnitude.multipliedReportingOverflow(by: Self.nanosecondsPerSecond)
        let magnitude = isTooLarge ? UInt64.max : offset
        if offsetSeconds < 0 { return nanoseconds > magnitude ? nanoseconds - magnitude : 0 }
        let (sum, overflow) = nanoseconds.addingReportingOverflow(magnitude)
        return overflow ? .max : sum
    }

    private func decimal(_ time: UInt64) -> UInt64 {
        let exponent = Int(resolution)
        if exponent <= 9 {
            let (product, overflow) = time.multipliedReportingOverflow(by: Self.powerOfTen(9 - exponent))
            return overflow ? .max : product
        }
        // 10¹⁹ is the largest power that there is; a finer clock than that has not ticked.
        return exponent - 9 <= 19 ? time / Self.powerOfTen(exponent - 9) : 0
    }

    private func binary(_ time: UInt64) -> UInt64 {
        let exponent = UInt64(resolution & 0x7f)
        let product = time.multipliedFullWidth(by: Self.nanosecondsPerSecond)
        if exponent >= 64 { return product.high >> (exponent - 64) }
        let high = exponent == 0 ? product.high : product.high >> exponent
        guard high == 0 else { return .max }
        return exponent == 0 ? product.low : product.low >> exponent | product.high << (64 - exponent)
    }

    private static func powerOfTen(_ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
