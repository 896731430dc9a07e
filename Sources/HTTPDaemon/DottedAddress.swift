/// An IPv4 address in host byte order as text.
func dotted(_ address: UInt32) -> String {
    "\(address >> 24).\(address >> 16 & 0xFF).\(address >> 8 & 0xFF).\(address & 0xFF)"
}

/// The IPv4 address, in host byte order, that four decimal numbers without leading zeros name.
func address(dotted text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
        guard let value = UInt8(part), part == String(value) else { return nil }
        address = address << 8 | UInt32(value)
    }
    return address
}
