//! The promise: the reporter is told the next steps within D of the submission, and within D of each
//! reply and later decision. This is the bureau's own clock, independent of whoever sends.
//!
//! Two things may be pending on a case: to *decide* and to *tell*. Each has a time from which it is
//! counted and a time by which it is due; all times in between are fractions of the two.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::case::{self, Contact, Decided, Opened};
use super::words::{Channel, ContactState, MessageWhat, TaskHow, TaskWhy};

#[cfg(test)]
mod tests;

/// After so many 24ths without a decision the promise is at risk.
const AT_RISK_24THS: i32 = 18;
/// After so many 24ths, with nothing known to have reached the reporter, a person takes over.
const TASK_24THS: i32 = 22;

/// How the reporter wishes to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each way is safe or not by itself")]
pub struct Plan {
    pub channel: Option<Channel>,
    pub second_channel: Option<Channel>,
    pub email_is_safe: bool,
    pub phone_is_safe: bool,
    pub post_is_safe: bool,
    pub anonymous: bool,
}

/// Who tells the reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A message does.
    Message,
    /// A person has to, because the reporter chose so.
    Person(TaskWhy),
    /// Nobody to tell, or no safe way: the status page shows it.
    NotOwed,
    /// The reporter said that no way is safe any more: the status page shows it, and a supervisor
    /// looks for a way.
    Stopped,
}

impl Plan {
    /// What is left when no way is safe any more. Nothing that was wished for is proposed to anybody.
    #[must_use]
    pub fn with_nothing_safe(self) -> Self {
        Self {
            channel: None,
            second_channel: None,
            email_is_safe: false,
            phone_is_safe: false,
            post_is_safe: false,
            anonymous: self.anonymous,
        }
    }

    /// The first way that is wished for and safe.
    #[must_use]
    pub fn way(self) -> Way {
        if self.anonymous {
            return Way::NotOwed;
        }
        let mut ways = [self.channel, self.second_channel].into_iter().flatten();
        ways.find_map(|channel| self.way_of(channel)).unwrap_or(Way::NotOwed)
    }

    fn way_of(self, channel: Channel) -> Option<Way> {
        match channel {
            Channel::Email => self.email_is_safe.then_some(Way::Message),
            Channel::Text => self.phone_is_safe.then_some(Way::Message),
            Channel::Telephone => {
                self.phone_is_safe.then_some(Way::Person(TaskWhy::TelephoneChosen))
            }
            Channel::Post => self.post_is_safe.then_some(Way::Person(TaskWhy::PostChosen)),
            Channel::Nothing => None,
        }
    }
}

/// Something that has to be done between two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    pub since: Timestamp,
    pub due: Timestamp,
}

impl Pending {
    fn at(&self, of_24: i32) -> Timestamp {
        let whole = self.due.duration_since(self.since);
        later(self.since, whole / 24 * of_24)
    }
}

/// A person's task that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    pub id: Uuid,
    pub why: TaskWhy,
}

/// Where a case's promise stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    pub way: Way,
    /// D: what every promise of this case lasts.
    pub lasts: SignedDuration,
    pub decide: Option<Pending>,
    /// Where contact was stopped: to find a way, which is a supervisor's and no promise.
    pub tell: Option<Pending>,
    /// That it is at risk was said already.
    pub at_risk: bool,
    /// How many decisions there are.
    pub decisions: u32,
    pub contact: ContactState,
    /// The person's task that is open.
    pub task: Option<Task>,
    /// How many tasks there were.
    pub tasks: u32,
}

/// A message of the notifier, as far as it is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub id: Uuid,
    pub what: MessageWhat,
    /// For next steps: which decision it tells. 0 for other messages.
    pub decision: u32,
    /// For a holding message: the time that it names.
    pub again_by: Option<Timestamp>,
    pub state: ContactState,
}

/// Something that happened to a promise. None of it makes a person's page stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Message { message: Message, at: Timestamp },
    AtRisk { due: Timestamp },
    TaskOpened { task: Uuid, why: TaskWhy, due: Timestamp },
    TaskDone { task: Uuid, how: TaskHow },
}

/// What the notifier says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    Planned {
        id: Uuid,
        what: MessageWhat,
        decision: u32,
        again_by: Option<Timestamp>,
    },
    Sending {
        id: Uuid,
    },
    Accepted {
        id: Uuid,
    },
    GivenUp {
        id: Uuid,
    },
    /// It is no longer wanted; nothing failed.
    Cancelled {
        id: Uuid,
    },
    /// A promise of this report was kept by a message.
    Kept,
    /// No channel is left for what is due then.
    Exhausted {
        due: Timestamp,
    },
    /// True, and of no consequence here.
    Nothing,
}

/// A notice about a message that nobody planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is about a message that was never planned")]
pub struct NeverPlanned;

impl Promise {
    #[must_use]
    pub fn new(opened: &Opened) -> Self {
        let way = opened.plan.way();
        let pending = Pending { since: opened.submitted_at, due: opened.contact_by };
        let (tell, contact) = match way {
            Way::NotOwed | Way::Stopped => (None, ContactState::NotOwed),
            Way::Message | Way::Person(_) => (Some(pending), ContactState::Owed),
        };
        Self {
            way,
            lasts: opened.contact_by.duration_since(opened.submitted_at),
            decide: Some(pending),
            tell,
            at_risk: false,
            decisions: 0,
            contact,
            task: None,
            tasks: 0,
        }
    }

    /// Takes an act of staff or reporter in.
    pub fn evolve(&mut self, event: &case::Event) {
        match event {
            case::Event::Decided(decided) => self.decided(decided),
            case::Event::ReplyReceived { at, .. }
            | case::Event::EvidenceReceived { at, .. }
            | case::Event::WithdrawalReceived { at }
            | case::Event::FoundReported { at } => {
                self.looked_at_again(*at);
            }
            case::Event::ContactRecorded(contact) => self.contacted(contact),
            case::Event::StopReceived { at } => self.stopped(*at),
            case::Event::Opened(_)
            | case::Event::Claimed { .. }
            | case::Event::Released { .. }
            | case::Event::NoteAdded { .. }
            | case::Event::WritingFinished { .. }
            | case::Event::EntryKept { .. }
            | case::Event::EvidenceQuarantined(_)
            | case::Event::Assessed(_)
            | case::Event::Held { .. }
            | case::Event::HoldReleased { .. } => {}
        }
    }

    fn decided(&mut self, decided: &Decided) {
        self.decisions = decided.number;
        self.decide = None;
        self.at_risk = false;
        match self.way {
            Way::Message | Way::Person(_) => {
                self.contact = ContactState::Owed;
                self.owe(from(decided.at, self.lasts));
            }
            Way::Stopped => self.contact = ContactState::Stopped,
            Way::NotOwed => {}
        }
    }

    /// A reply is a promise of its own, unless an earlier one that is still open covers it.
    fn looked_at_again(&mut self, at: Timestamp) {
        let pending = from(at, self.lasts);
        self.decide.get_or_insert(pending);
        if matches!(self.way, Way::Message | Way::Person(_)) {
            self.owe(pending);
        }
    }

    /// Nothing is told by any way from here on. Where a way was used, a supervisor looks for another,
    /// by the time by which the reporter was to hear.
    fn stopped(&mut self, at: Timestamp) {
        let due = self.due().unwrap_or_else(|| later(at, self.lasts));
        self.contact = ContactState::Stopped;
        if self.way != Way::NotOwed {
            self.way = Way::Stopped;
            self.tell = Some(Pending { since: at, due });
        }
    }

    /// Of two times that are owed the earlier one is watched: it is the stricter.
    fn owe(&mut self, pending: Pending) {
        if self.tell.is_none_or(|open| pending.due < open.due) {
            self.tell = Some(pending);
        }
    }

    fn contacted(&mut self, contact: &Contact) {
        if contact.told() {
            self.contact = ContactState::Person;
            self.tell = None;
        }
    }

    /// Takes a fact in.
    pub fn learn(&mut self, fact: &Fact) {
        match fact {
            Fact::Message { message, .. } => self.message(message),
            Fact::AtRisk { .. } => self.at_risk = true,
            Fact::TaskOpened { task, why, .. } => {
                self.task = Some(Task { id: *task, why: *why });
                self.tasks += 1;
            }
            Fact::TaskDone { task, .. } => {
                if self.task.is_some_and(|open| open.id == *task) {
                    self.task = None;
                }
            }
        }
    }

    fn message(&mut self, message: &Message) {
        match message.what {
            // What was with the provider already ends nothing for the supervisor.
            _ if self.way == Way::Stopped => {}
            MessageWhat::Holding => self.told_undecided(message),
            MessageWhat::NextSteps if message.decision == self.decisions => {
                // What a person has told needs no message any more; and a message that is no longer
                // wanted does not end what is owed.
                if self.contact != ContactState::Person && message.state != ContactState::NotOwed {
                    self.contact = message.state;
                }
                if message.state.is_told() {
                    // A reply since then is still to be told about.
                    self.tell = self.decide;
                }
            }
            // The acknowledgement keeps no promise, nor does what is said about an older decision.
            MessageWhat::NextSteps | MessageWhat::Acknowledgement => {}
        }
    }

    /// Told that it takes longer: nobody has to ring for that, and what is owed from then on is to
    /// speak again by the time that was named. Once a person has the task, only the person or the
    /// next steps end it.
    fn told_undecided(&mut self, holding: &Message) {
        if holding.state.is_told()
            && self.task.is_none()
            && self.decisions == 0
            && let (Some(undecided), Some(again_by)) = (self.decide, holding.again_by)
        {
            self.tell = Some(Pending { since: undecided.due, due: again_by });
        }
    }

    /// What follows by `now`: facts that are due and not yet said. `task` is the id for a new task.
    #[must_use]
    pub fn follow_up(&self, now: Timestamp, task: Uuid) -> Vec<Fact> {
        let mut facts = vec![];
        if let Some(pending) = self.decide
            && !self.at_risk
            && pending.at(AT_RISK_24THS) <= now
        {
            facts.push(Fact::AtRisk { due: pending.due });
        }
        let unsafe_task = self.unsafe_task();
        facts.extend(
            unsafe_task.map(|open| Fact::TaskDone { task: open.id, how: TaskHow::Stopped }),
        );
        match (self.tell, self.task.filter(|_| unsafe_task.is_none())) {
            (Some(pending), None) => {
                if let Some((at, why)) = self.task_at(pending)
                    && at <= now
                {
                    facts.push(Fact::TaskOpened { task, why, due: pending.due });
                }
            }
            (None, Some(Task { id: task, .. })) => {
                let how = match self.contact {
                    ContactState::Person => TaskHow::ByPerson,
                    ContactState::Owed
                    | ContactState::Sending
                    | ContactState::Accepted
                    | ContactState::Delivered
                    | ContactState::Failed
                    | ContactState::NotOwed
                    | ContactState::Stopped => TaskHow::Delivered,
                };
                facts.push(Fact::TaskDone { task, how });
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        facts
    }

    /// When something of it is due next; None while nothing is.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        let at_risk =
            self.decide.filter(|_| !self.at_risk).map(|pending| pending.at(AT_RISK_24THS));
        let task = match (self.tell, self.task.filter(|_| self.unsafe_task().is_none())) {
            (Some(pending), None) => self.task_at(pending).map(|(at, _)| at),
            (Some(_), Some(_)) | (None, _) => None,
        };
        at_risk.into_iter().chain(task).min()
    }

    /// The open task, if what it asks for is no longer safe.
    fn unsafe_task(&self) -> Option<Task> {
        let is_unsafe = |task: &Task| task.why != TaskWhy::FindSafeWay;
        self.task.filter(is_unsafe).filter(|_| self.way == Way::Stopped)
    }

    /// When, and why, a person takes over.
    fn task_at(&self, pending: Pending) -> Option<(Timestamp, TaskWhy)> {
        match self.way {
            Way::NotOwed => None,
            Way::Stopped => Some((pending.since, TaskWhy::FindSafeWay)),
            // Decided, and the reporter wished to hear it from a person: at once.
            Way::Person(why) if self.decide.is_none() => Some((pending.since, why)),
            Way::Person(_) | Way::Message => Some((pending.at(TASK_24THS), TaskWhy::NotDelivered)),
        }
    }

    /// By when the next thing is owed; None while nothing is.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let tell = self.tell.filter(|_| self.way != Way::Stopped);
        let pending = self.decide.into_iter().chain(tell);
        pending.map(|pending| pending.due).min()
    }

    /// What follows from a notice, given the `messages` of this report. `task` is the id for a new
    /// task. Nothing follows where it says what is known.
    pub fn notice(
        &self,
        messages: &[Message],
        notice: Notice,
        at: Timestamp,
        task: Uuid,
    ) -> Result<Vec<Fact>, NeverPlanned> {
        let find = |id: Uuid| messages.iter().find(|message| message.id == id).ok_or(NeverPlanned);
        let become_ = |message: &Message, state: ContactState| {
            vec![Fact::Message { message: Message { state, ..*message }, at }]
        };
        let facts = match notice {
            Notice::Planned { id, .. } if find(id).is_ok() => vec![],
            Notice::Planned { id, what, decision, again_by } => {
                let decision = self.decision_told(what, decision);
                let message = Message { id, what, decision, again_by, state: ContactState::Owed };
                become_(&message, ContactState::Owed)
            }
            Notice::Sending { id } => match find(id)? {
                // Each acknowledgement is two events and not three: nobody waits for it.
                Message { what: MessageWhat::Acknowledgement, .. } => vec![],
                message if message.state == ContactState::Owed => {
                    become_(message, ContactState::Sending)
                }
                _ => vec![],
            },
            Notice::Accepted { id } => match find(id)? {
                message if message.state.is_told() => vec![],
                message => become_(message, ContactState::Accepted),
            },
            Notice::GivenUp { id } => match find(id)? {
                message if message.state.is_told() || message.state == ContactState::Failed => {
                    vec![]
                }
                message => become_(message, ContactState::Failed),
            },
            Notice::Cancelled { id } => match find(id)? {
                message if message.state.is_told() || message.state == ContactState::NotOwed => {
                    vec![]
                }
                message => become_(message, ContactState::NotOwed),
            },
            Notice::Kept => messages
                .iter()
                .filter(|message| self.is_newest(message))
                .filter(|message| message.state == ContactState::Accepted)
                .flat_map(|message| become_(message, ContactState::Delivered))
                .collect(),
            Notice::Exhausted { due } => self.exhausted(due, task),
            Notice::Nothing => vec![],
        };
        Ok(facts)
    }

    fn decision_told(&self, what: MessageWhat, said: u32) -> u32 {
        match what {
            MessageWhat::NextSteps if said == 0 => self.decisions,
            MessageWhat::NextSteps => said,
            MessageWhat::Acknowledgement | MessageWhat::Holding => 0,
        }
    }

    fn is_newest(&self, message: &Message) -> bool {
        message.what == MessageWhat::NextSteps && message.decision == self.decisions
    }

    /// What is watched is the earliest that is owed: an earlier one has ended here meanwhile.
    fn exhausted(&self, due: Timestamp, task: Uuid) -> Vec<Fact> {
        match (self.tell, self.task, self.way) {
            (Some(pending), None, Way::Message | Way::Person(_)) if pending.due <= due => {
                let why = TaskWhy::ChannelsExhausted;
                vec![Fact::TaskOpened { task, why, due: pending.due }]
            }
            (_, _, Way::NotOwed | Way::Stopped | Way::Message | Way::Person(_)) => vec![],
        }
    }
}

fn from(since: Timestamp, lasts: SignedDuration) -> Pending {
    Pending { since, due: later(since, lasts) }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
