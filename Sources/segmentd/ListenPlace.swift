/// Where TCP is listened to: on an address, or not at all.
enum ListenPlace: CustomStringConvertible {
    case nowhere
    case address(ListenAddress)

    init?(_ text: String) {
        if text == "none" {
            self = .nowhere
        } else if let address = ListenAddress(text) {
            self = .address(address)
        } else {
            return nil
        }
    }

    var address: ListenAddress? {
        guard case .address(let address) = self else { return nil }
        return address
    }

    var description: String { address?.description ?? "none" }
}
