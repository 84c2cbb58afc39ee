//! Answers + form -> what is sent to the bureau, or everything that stands in its way.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::form::{Entry, ErrorCode, FieldError, Flag, Form, Kind, Raised, Walk, walk};

/// A report that may be sent. It carries its questions as they were asked, so that nobody needs the
/// form to read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<'form> {
    pub kind: &'form str,
    pub form_version: u32,
    /// What was answered, in the order of asking; skipped questions are not in it.
    pub answers: Vec<Answered<'form>>,
    pub flags: Flags,
    pub contact: Contact,
    /// It is the first part: the rest follows.
    pub continues: bool,
}

/// One question as it was asked, with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<'form> {
    pub id: &'form str,
    pub label: &'form str,
    pub kind: Kind,
    /// The answer in its normal form.
    pub value: Value,
    /// The answer as a person reads it, where it is not `value` itself.
    shown: Option<String>,
}

impl Answered<'_> {
    /// The answer as a person reads it.
    #[must_use]
    pub fn display(&self) -> &str {
        self.shown().or_else(|| self.value.as_str()).unwrap_or_default()
    }

    /// The same, where it is not `value` itself.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }
}

/// What the answers raise for the bureau.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is raised or not by itself")]
pub struct Flags {
    /// The interruption that says "call 999" was met and passed, in whichever way.
    pub emergency_declared: bool,
    /// It was passed by somebody who cannot call: to the control room in the same moment (P1).
    pub emergency_cannot_call: bool,
    pub safeguarding: bool,
    /// Not for everybody in the force (P10).
    pub restricted: bool,
    pub priority: Option<Priority>,
}

impl Flags {
    /// What has got worse or happened again is never routine.
    #[must_use]
    pub fn of_worse(self) -> Self {
        Self { priority: self.priority.or(Some(Priority::P2)), ..self }
    }
}

impl From<Raised> for Flags {
    fn from(raised: Raised) -> Self {
        let second = raised.has(Flag::Priority2).then_some(Priority::P2);
        Self {
            emergency_declared: raised.has(Flag::EmergencyDeclared),
            emergency_cannot_call: raised.has(Flag::EmergencyCannotCall),
            safeguarding: raised.has(Flag::Safeguarding),
            restricted: raised.has(Flag::Restricted),
            priority: raised.has(Flag::Priority1).then_some(Priority::P1).or(second),
        }
    }
}

words! {
    /// How soon somebody must look at it.
    pub enum Priority {
        P1 = "p1",
        P2 = "p2",
    }
}

words! {
    /// Whether the reporter gave their name.
    pub enum Identity {
        Details = "details",
        Anonymous = "anonymous",
        /// The short form of an emergency does not ask.
        NotAsked = "not_asked",
    }
}

words! {
    /// How the reporter wants to hear from us.
    pub enum Channel {
        Email = "email",
        Text = "text",
        Telephone = "telephone",
        Post = "post",
        None = "none",
    }
}

/// How the reporter may be reached. Only what was said to be safe may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub identity: Identity,
    pub name: Option<String>,
    pub channel: Channel,
    /// Another way should the first fail; never the same, never with `Channel::None`.
    pub second_channel: Option<Channel>,
    pub email: Option<String>,
    /// With its country: +447700900123.
    pub phone: Option<String>,
    /// `None`: no address was given.
    pub safe_email: Option<bool>,
    pub safe_phone: Option<bool>,
    pub safe_post: Option<bool>,
    /// Where a message could do harm, one that says that we have the report is wished all the same (P5).
    pub acknowledge: bool,
}

/// Reads `answers` as a whole report. `now` is the local time of the reporter.
///
/// Takes what the journey says may be submitted, and nothing else: a question that the form does not
/// have is an error, and so is an answer to one that these answers do not lead to. Nothing that somebody
/// told us is dropped in silence, and nothing is taken that was not asked; pages send only what is
/// on the path.
pub fn check<'form>(
    form: &'form Form,
    answers: &Map<String, Value>,
    now: DateTime,
) -> Result<Report<'form>, Vec<FieldError>> {
    // The walk borrows the answers and the form alike; what leaves it borrows the form alone.
    let walk = walk(form, answers, now);
    if !walk.may_be_sent() {
        return Err(refused(walk));
    }
    let Walk { entries, given, .. } = walk;
    let flags = given.raised().into();
    let continues = form.goes_on_after(&given);
    let answers: Vec<Answered<'form>> = entries.into_iter().filter_map(answered).collect();
    let contact = contact(&answers);
    Ok(Report { kind: &form.kind, form_version: form.version, answers, flags, contact, continues })
}

fn refused(walk: Walk<'_, '_>) -> Vec<FieldError> {
    let Walk { mut missing, wrong, stopped, ended, path, .. } = walk;
    missing.extend(wrong);
    let stop = stopped.and_then(|at| path.get(at)?.stop.as_ref());
    // Whoever chose to go elsewhere is told that first, whatever else is missing.
    if let Some(stop) = stop.filter(|_| ended || missing.is_empty()) {
        let detail = format!("These answers cannot be sent here. {}", stop.title);
        missing.insert(0, FieldError::about_all(ErrorCode::Stopped, &detail));
    }
    missing
}

fn answered(entry: Entry<'_>) -> Option<Answered<'_>> {
    let Entry { question, label, answer, .. } = entry;
    let (value, shown) = answer?.into_parts();
    Some(Answered { id: &question.id, label, kind: question.kind, value, shown })
}

/// Gathers the questions that all forms share (their ids are part of the public interface).
fn contact(answers: &[Answered<'_>]) -> Contact {
    let text = |id: &str| {
        answers.iter().find(|answer| answer.id == id).and_then(|answer| answer.value.as_str())
    };
    let channel = text("channel").and_then(Channel::parse).unwrap_or(Channel::None);
    let second = text("second_channel")
        .and_then(Channel::parse)
        .filter(|second| *second != channel && *second != Channel::None)
        .filter(|_| channel != Channel::None);
    let name = text("name").map(str::to_owned);
    // Some forms ask for a name and leave no choice.
    let named = if name.is_some() { Identity::Details } else { Identity::NotAsked };
    Contact {
        identity: text("identity").and_then(Identity::parse).unwrap_or(named),
        name,
        channel,
        second_channel: second,
        email: text("email").map(str::to_owned),
        phone: text("phone").map(str::to_owned),
        safe_email: text("safe_email").map(|answer| answer == "yes"),
        safe_phone: text("safe_phone").map(|answer| answer == "yes"),
        safe_post: text("safe_post").map(|answer| answer == "yes"),
        acknowledge: text("acknowledge") == Some("yes"),
    }
}

#[cfg(test)]
mod tests;
