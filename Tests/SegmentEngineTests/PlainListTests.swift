import Testing

@testable import SegmentEngine

@Suite struct PlainListTests {
    @Test(arguments: 1...6)
    func holdsWhatAnArrayHolds(capacity: Int) {
        var generator = SeededGenerator(seed: UInt64(capacity))
        var list = PlainList<UInt32>(capacity: capacity)
        var array: [UInt32] = []
        for _ in 0..<200 {
            if UInt8.random(in: 0..<8, using: &generator) == 0 {
                list.removeAll()
                array.removeAll()
            } else {
                let value = UInt32.random(in: .min ... .max, using: &generator)
                list.append(value)
                array.append(value)
            }
            if let place = array.indices.randomElement(using: &generator) {
                list[place] &+= 1
                array[place] &+= 1
            }
            let held = list.indices.map { list[$0] }
            #expect(held == array)
            let isEmpty = list.isEmpty
            #expect(isEmpty == array.isEmpty)
        }
    }
}
