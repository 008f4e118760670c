//! Draws that depend on a seed and a name alone, never on what was drawn before: any part of the data can be made
//! without the rest of it.
//!
//! The algorithm is the output function of splitmix64 (Steele, Lea and Flood 2014), folded over the name. It is part of
//! what a seed means: to change it is to change every file ever made, which a test of pinned digests notices.

/// A seed and the names of where a number is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(mixed(seed))
    }

    /// The draws below a name.
    pub(crate) const fn at(self, name: u64) -> Self {
        Self(mixed(self.0 ^ mixed(name)))
    }

    /// The draws below a text.
    pub(crate) fn of(self, name: &str) -> Self {
        name.bytes()
            .fold(self, |draw, byte| draw.at(u64::from(byte)))
    }

    /// A number from `low` to `high`, both included; each as likely as the others but for a part in 10^15.
    pub(crate) fn between(self, low: u32, high: u32) -> i128 {
        let count = u64::from(high.saturating_sub(low)) + 1;
        i128::from(low) + i128::from(self.0 % count)
    }

    /// Whether a thing of this chance in a million comes about.
    pub(crate) const fn chance(self, millionths: u32) -> bool {
        self.0 % 1_000_000 < millionths as u64
    }
}

const fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_algorithm_is_splitmix64() {
        // The first two numbers of the reference implementation for the seed 1234567.
        assert_eq!(mixed(1_234_567), 6_457_827_717_110_365_317);
        let next = 1_234_567_u64.wrapping_add(0x9e37_79b9_7f4a_7c15);
        assert_eq!(mixed(next), 3_203_168_211_198_807_973);
    }

    #[test]
    fn draws_fill_their_range_evenly() {
        let mut counts = [0; 10];
        for name in 0..10_000 {
            let drawn = Draw::new(7).at(name).between(5, 14);
            counts[usize::try_from(drawn - 5).unwrap()] += 1;
        }
        assert!(
            counts.iter().all(|count| (850..1150).contains(count)),
            "{counts:?}"
        );
        let hits = (0..10_000).filter(|&name| Draw::new(7).of("x").at(name).chance(250_000));
        assert!((2300..2700).contains(&hits.count()));
    }
}
