//! What the answers so far raise for the bureau.

use super::Flag;

/// A set of flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Raised(u16);

impl Raised {
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self.0 & Self::bit(flag) != 0
    }

    pub(crate) fn add(&mut self, flag: Flag) {
        self.0 |= Self::bit(flag);
    }

    fn bit(flag: Flag) -> u16 {
        1 << flag as u16
    }
}
