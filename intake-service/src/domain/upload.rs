//! How far a file is on its way to us, and why one is not taken.

words! {
    /// How far an upload is.
    pub enum State {
        Receiving = "receiving",
        /// All of it is here and is being read back.
        Checking = "checking",
        Ready = "ready",
        Refused = "refused",
        /// A report has it.
        Taken = "taken",
    }
}

words! {
    /// Why a file is not taken.
    pub enum Refused {
        Empty = "file_empty",
        TooBig = "file_too_big",
        Type = "file_type",
        Infected = "file_infected",
        /// What was kept is not what was sent, or came in too many pieces.
        Lost = "file_lost",
    }
}

impl Refused {
    /// What to do about it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "This file is empty. Choose it again",
            Self::TooBig => {
                "This file is too big. Send your report first: you can tell us about the file, and we \
                 will ask for it in another way"
            }
            Self::Type => {
                "This kind of file cannot be opened safely. Tell us about it and we will ask for it in \
                 another way"
            }
            Self::Infected => {
                "This file could harm a computer, so we have not kept it. Tell us about it and we will \
                 ask for it in another way"
            }
            Self::Lost => "This file did not reach us whole. Send it again",
        }
    }
}
