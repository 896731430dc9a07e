/// Numbers that look random and are the same for the same seed, everywhere and for ever.
package enum SplitMix64 {
    /// The value at a place of a seed's sequence, counted from 0.
    package static func value(_ number: UInt64, seed: UInt64) -> UInt64 {
        var mixed = seed &+ (number &+ 1) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
