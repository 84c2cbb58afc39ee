//! The words that lists, events and people share.

words! {
    /// What somebody is in the bureau.
    pub enum Role {
        Triager = "triager",
        Supervisor = "supervisor",
        Auditor = "auditor",
        /// Named by the force: the only one to whom a file in quarantine is handed.
        Examiner = "examiner",
    }
}

words! {
    /// Where a case stands.
    pub enum Status {
        Received = "received",
        Assessing = "assessing",
        NeedsReply = "needs_reply",
        WithOfficer = "with_officer",
        PassedOn = "passed_on",
        NoFurtherAction = "no_further_action",
        Closed = "closed",
    }
}

impl Status {
    /// What the public is told it is.
    #[must_use]
    pub fn public_words(self) -> &'static str {
        match self {
            Self::Received => "We have your report",
            Self::Assessing => "We are looking at it",
            Self::NeedsReply => "We need something from you",
            Self::WithOfficer => "An officer or team has it",
            Self::PassedOn => "Passed to another organisation",
            Self::NoFurtherAction => "We are not looking into it further at the moment",
            Self::Closed => "Finished",
        }
    }
}

words! {
    /// What is reported.
    pub enum Kind {
        Crime = "crime",
        Rtc = "rtc",
        Fraud = "fraud",
        VehicleLost = "vehicle-lost",
        VehicleStolen = "vehicle-stolen",
        Asb = "asb",
        Missing = "missing",
        PropertyLost = "property-lost",
        PropertyFound = "property-found",
        Thanks = "thanks",
        Dissatisfaction = "dissatisfaction",
    }
}

impl Kind {
    /// Whether police look for somebody or something, until they have seen it themselves.
    #[must_use]
    pub fn is_looked_for(self) -> bool {
        match self {
            Self::Missing | Self::VehicleStolen => true,
            Self::Crime
            | Self::Rtc
            | Self::Fraud
            | Self::VehicleLost
            | Self::Asb
            | Self::PropertyLost
            | Self::PropertyFound
            | Self::Thanks
            | Self::Dissatisfaction => false,
        }
    }
}

words! {
    /// How soon somebody has to act.
    pub enum Grade {
        Immediate = "immediate",
        Priority = "priority",
        Scheduled = "scheduled",
        Routine = "routine",
    }
}

words! {
    /// What the report itself says about its urgency.
    pub enum Flag {
        EmergencyDeclared = "emergency_declared",
        EmergencyCannotCall = "emergency_cannot_call",
        Priority1 = "priority_1",
        Priority2 = "priority_2",
        Safeguarding = "safeguarding",
        /// The person who did it may be a colleague.
        Restricted = "restricted",
    }
}

impl Flag {
    /// Whether a case with it stands on top of the queue until it is decided.
    #[must_use]
    pub fn is_urgent(self) -> bool {
        match self {
            Self::EmergencyDeclared | Self::EmergencyCannotCall | Self::Priority1 => true,
            Self::Priority2 | Self::Safeguarding | Self::Restricted => false,
        }
    }

    /// Whether somebody speaks with the reporter before a wish to withdraw is granted: they may have
    /// been made to ask.
    #[must_use]
    pub fn asks_to_speak_first(self) -> bool {
        match self {
            Self::EmergencyCannotCall | Self::Priority1 | Self::Safeguarding | Self::Restricted => {
                true
            }
            Self::EmergencyDeclared | Self::Priority2 => false,
        }
    }
}

words! {
    /// How a reporter can be reached.
    pub enum Channel {
        Email = "email",
        Text = "text",
        Telephone = "telephone",
        Post = "post",
        Nothing = "none",
    }
}

words! {
    /// What became of the message that is owed, as lists show it.
    pub enum ContactState {
        Owed = "owed",
        Sending = "sending",
        Accepted = "accepted",
        Delivered = "delivered",
        Failed = "failed",
        /// A person told the reporter.
        Person = "person",
        /// Nobody to tell, or no safe way: the status page shows it.
        NotOwed = "not_owed",
        /// The reporter said that no way is safe any more: the status page shows it.
        Stopped = "stopped",
    }
}

impl ContactState {
    /// Whether the reporter is known to have it. With a mail server or a folder, which give no
    /// receipts, what they accepted counts.
    #[must_use]
    pub fn is_told(self) -> bool {
        match self {
            Self::Accepted | Self::Delivered | Self::Person => true,
            Self::Owed | Self::Sending | Self::Failed | Self::NotOwed | Self::Stopped => false,
        }
    }
}

words! {
    /// What a message is for.
    pub enum MessageWhat {
        Acknowledgement = "acknowledgement",
        NextSteps = "next_steps",
        Holding = "holding",
    }
}

words! {
    /// How a person tried to reach the reporter.
    pub enum ContactHow {
        Telephone = "telephone",
        Visit = "visit",
        Post = "post",
    }
}

words! {
    /// What came of it.
    pub enum ContactOutcome {
        Told = "told",
        MessageLeft = "message_left",
        NoAnswer = "no_answer",
    }
}

words! {
    /// Why a person has to contact the reporter, or to find a way to.
    pub enum TaskWhy {
        NotDelivered = "not_delivered",
        ChannelsExhausted = "channels_exhausted",
        TelephoneChosen = "telephone_chosen",
        PostChosen = "post_chosen",
        /// No way that was given is safe any more.
        FindSafeWay = "find_safe_way",
    }
}

impl TaskWhy {
    /// Whose task it is.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::NotDelivered
            | Self::ChannelsExhausted
            | Self::TelephoneChosen
            | Self::PostChosen => Role::Triager,
            Self::FindSafeWay => Role::Supervisor,
        }
    }
}

words! {
    /// How a person's task ended.
    pub enum TaskHow {
        ByPerson = "by_person",
        Delivered = "delivered",
        /// What it asked for is no longer safe.
        Stopped = "stopped",
    }
}
