/// The known name that an unknown one was most likely meant to be.
package enum NearestName {
    /// `nil` when none is near.
    package static func of(_ name: String, among known: [String]) -> String? {
        // Longer input is no typing slip, and measuring it would cost its length squared.
        guard name.utf8.count <= 64 else { return nil }
        let limit = max(1, name.utf8.count / 3)
        let nearest = known.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
            .min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= limit else { return nil }
        return nearest.name
    }

    /// How many characters must be put in, left out, changed or swapped with their neighbour (optimal string alignment).
    private static func distance(_ first: String, _ second: String) -> Int {
        let source = Array(first)
        let target = Array(second)
        var earlier: [Int] = []
        var before: [Int] = []
        var row = Array(0...target.count)
        for index in source.indices {
            (earlier, before) = (before, row)
            row[0] = index + 1
            for column in target.indices {
                let change = before[column] + (source[index] == target[column] ? 0 : 1)
                row[column + 1] = min(change, before[column + 1] + 1, row[column] + 1)
                guard index > 0, column > 0, source[index] == target[column - 1], source[index - 1] == target[column]
                else { continue }
                row[column + 1] = min(row[column + 1], earlier[column - 1] + 1)
            }
        }
        return row[target.count]
    }
}
