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

    /// How many characters must be put in, left out or changed (Levenshtein).
    private static func distance(_ first: String, _ second: String) -> Int {
        let target = Array(second)
        var row = Array(0...target.count)
        for (index, character) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in target.indices {
                let cost = diagonal + (target[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(cost, diagonal + 1, row[column] + 1)
            }
        }
        return row[target.count]
    }
}
