import Testing

@testable import CommandClient

@Suite struct EventReaderTests {
    private static let text = """
        : instance 5f2c

        id: 43
        data: {"id":43}

        event: gap
        id: 163
        data: {"kernel":0,"ring":120}

        : quiet

        : the endpoint was removed

        """

    @Test(arguments: 1...40)
    func readsTheSameWhateverThePieces(size: Int) throws {
        var reader = EventReader()
        var events: [EventReader.Event] = []
        let octets = [UInt8](Self.text.utf8)
        for start in stride(from: 0, to: octets.count, by: size) {
            let wantsMore = try reader.read(Array(octets[start..<min(start + size, octets.count)])) { event in
                events.append(event)
                return true
            }
            #expect(wantsMore)
        }
        #expect(
            events == [
                .init(name: "", data: "{\"id\":43}"), .init(name: "gap", data: "{\"kernel\":0,\"ring\":120}"),
            ])
        #expect(reader.comment == "the endpoint was removed")
    }

    @Test func endsWhenNoMoreIsWanted() throws {
        var reader = EventReader()
        var count = 0
        let wantsMore = try reader.read([UInt8](Self.text.utf8)) { _ in
            count += 1
            return false
        }
        #expect(!wantsMore)
        #expect(count == 1)
    }
}
