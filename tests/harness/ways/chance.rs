//! Chance that can be repeated: the same seed, the same numbers.

/// A splitmix64 generator: small, and good enough to choose answers with.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The way called `number` of those that `seed` gives, the same in every run and of no other.
    #[must_use]
    pub fn of(seed: u64, number: u64) -> Self {
        let mut chance = Self(seed);
        chance.0 = chance.next() ^ number.wrapping_mul(0xD134_2543_DE82_EF95);
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number under `count`; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let bound = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    /// From `least` to `most`, both included.
    pub fn within(&mut self, least: i64, most: i64) -> i64 {
        let range = most.saturating_sub(least).max(0).unsigned_abs().saturating_add(1);
        least.saturating_add_unsigned(self.next() % range)
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(all.len());
        all.get(at)
    }

    /// Some of `all`, in their order; at least one if there is any.
    pub fn some_of<'a, T>(&mut self, all: &'a [T]) -> Vec<&'a T> {
        let sure = self.below(all.len());
        let picked = all.iter().enumerate().filter(|(at, _)| *at == sure || self.once_in(3));
        picked.map(|(_, one)| one).collect()
    }
}
