//! What must hold on every way through a form, one rule after another.

mod flagged; // which answers raise what

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::condition::is_any;
use super::super::model::{Flag, Form, Page, Purpose, Question};
use super::super::tests::now;
use super::super::walk::Given;
use super::super::{ErrorCode, Journey, journey};
use crate::domain::report::Priority::P1;
use crate::domain::report::{Channel, Identity, Report, check};

pub(super) use flagged::FLAGGED;

/// What of a way remains to be known further on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Fact {
    Answered(&'static str),
    Said(&'static str, &'static str),
    /// Somebody is or may be in danger, and the stop that says "call 999" was not passed yet.
    Danger,
    /// It was passed, and danger may be told of once more: who has said what is true of 999 is not stopped
    /// again.
    Declared,
    /// A stop was passed by somebody who cannot call.
    CannotCall,
    /// A message or a visit could do harm.
    Safeguarding,
}

/// One answer, or none, to a question that is asked.
pub(super) struct Step<'a> {
    pub(super) form: &'a Form,
    pub(super) page: &'a Page,
    pub(super) question: &'a Question,
    pub(super) answer: Option<&'a Value>,
    /// All answers of this way up to and with this one.
    pub(super) given: &'a Given<'a>,
}

impl Step<'_> {
    fn is(&self, id: &str, values: &[&str]) -> bool {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        self.question.id == id && self.answer.is_some_and(|answer| is_any(answer, &values))
    }

    /// A stop is passed by somebody who cannot call.
    pub(super) fn cannot_call(&self) -> bool {
        self.page.stop.is_some() && self.answer.is_some_and(|answer| answer == CANNOT_CALL)
    }

    fn raises(&self, flag: Flag) -> bool {
        let raises =
            self.question.raises.iter().filter(|raise| {
                self.answer.is_some_and(|answer| raise.applies(answer, self.given))
            });
        raises.flat_map(|raise| &raise.flags).any(|raised| {
            *raised == flag || (*raised == Flag::Priority1 && flag == Flag::Priority2)
        })
    }
}

/// The questions that each form asks before anything else (P2); none where nobody can be in danger.
fn gate(kind: &str) -> &'static [&'static str] {
    match kind {
        "thanks" => &[],
        "missing" => &["now", "danger", "m_danger"],
        "property-found" => &["danger", "danger_item"],
        "property-lost" | "dissatisfaction" | "vehicle-lost" => &["danger"],
        "rtc" => &["now", "danger", "blocked"],
        "vehicle-stolen" => &["now", "danger", "tracker_live"],
        _ => &["now", "danger"],
    }
}

/// The answers after which 999 comes first.
const DANGER: &[(&str, &[&str])] = &[
    ("now", &["yes"]),
    ("danger", &["yes", "unsure"]),
    ("danger_item", &["explosive", "gun", "bag", "chemical"]),
    (
        "m_danger",
        &[
            "hurt",
            "self_harm",
            "harm_others",
            "taken",
            "child",
            "confused",
            "medicine",
            "weather",
            "unsure",
        ],
    ),
    // The roads: who may be hit, who was, and what may be stopped or saved this minute.
    ("blocked", &["yes"]),
    ("injury", &["serious", "died"]),
    ("tracker_live", &["yes"]),
    ("contents", &["child", "animal"]),
    // Money or cards are being fetched.
    ("live", &["yes"]),
];

/// Every report of the kind raises these, whatever is answered.
const ALWAYS: &[(&str, Flag)] =
    &[("missing", Flag::Priority1), ("dissatisfaction", Flag::Restricted)];

/// All that somebody who cannot call has to answer (P1).
const SHORT: [&str; 2] = ["where", "what"];
const CANNOT_CALL: &str = "cannot_call";
/// As many questions as may be asked after that, the empty ones counted too.
const SHORT_MAX: usize = 4;

/// It happened to somebody under 18, who comes first when hurt or afraid (P2).
const CHILD: [(&str, &str); 3] =
    [("victim_age", "under_13"), ("victim_age", "13_17"), ("young", "yes")];

/// A way to reach somebody: the channels that need it, the address, and what makes it safe.
const WAYS: [(&[&str], &str, &str); 3] = [
    (&["email"], "email", "safe_email"),
    (&["text", "telephone"], "phone", "safe_phone"),
    (&["post"], "address", "safe_post"),
];

/// Questions of which the end must know whether they were answered.
const ANSWERED: &[&str] = &[
    "now",
    "danger",
    "blocked",
    "tracker_live",
    "m_danger",
    "danger_item",
    "identity",
    "name",
    "truth",
    "email",
    "safe_email",
    "phone",
    "safe_phone",
    "address",
    "safe_post",
    "safe_visit",
    "acknowledge",
];

/// Answers of which the end must know whether they were given.
const SAID: [(&str, &str); 16] = [
    ("victim_age", "under_13"),
    ("victim_age", "13_17"),
    ("young", "yes"),
    ("type", "home"),
    ("identity", "details"),
    ("identity", "anonymous"),
    ("channel", "email"),
    ("channel", "text"),
    ("channel", "telephone"),
    ("channel", "post"),
    ("second_channel", "email"),
    ("second_channel", "text"),
    ("second_channel", "telephone"),
    ("safe_email", "yes"),
    ("safe_phone", "yes"),
    ("safe_post", "yes"),
];

/// What is wrong with this step. Takes into `facts` what the end must know, and into `flagged` the
/// answer if it is one that must raise a flag.
pub(super) fn at(
    step: &Step<'_>,
    facts: &mut BTreeSet<Fact>,
    flagged: &mut BTreeSet<(String, String)>,
) -> Vec<String> {
    let mut wrong = vec![];
    let id = &step.question.id;
    let is_stop = step.page.stop.as_ref().is_some_and(|stop| stop.code == "call_999");
    let is_gate = gate(&step.form.kind).contains(&id.as_str());
    if !is_gate && !is_stop {
        for before in gate(&step.form.kind) {
            if !facts.contains(&Fact::Answered(before)) {
                wrong.push(format!("\"{id}\" is asked before \"{before}\""));
            }
        }
        if facts.contains(&Fact::Danger) {
            wrong.push(format!("after danger, \"{id}\" is asked before 999"));
        }
    }
    let cannot_call = facts.contains(&Fact::CannotCall);
    if cannot_call && !is_stop && step.question.required && !SHORT.contains(&id.as_str()) {
        wrong.push(format!("somebody who cannot call has to answer \"{id}\""));
    }
    if step.answer.is_none() {
        return wrong;
    }
    if facts.contains(&Fact::Said("identity", "anonymous"))
        && step.question.purpose == Purpose::Contact
    {
        wrong.push(format!("somebody anonymous is asked for \"{id}\""));
    }
    facts.extend(ANSWERED.iter().filter(|watched| *watched == id).map(|id| Fact::Answered(id)));
    facts.extend(
        SAID.iter()
            .filter(|(id, value)| step.is(id, &[*value]))
            .map(|(id, value)| Fact::Said(id, value)),
    );
    if step.cannot_call() {
        facts.insert(Fact::CannotCall);
    }
    if step.raises(Flag::Safeguarding) {
        facts.insert(Fact::Safeguarding);
    }
    if DANGER.iter().any(|(id, values)| step.is(id, values)) && !facts.contains(&Fact::Declared) {
        facts.insert(Fact::Danger);
    }
    if is_stop && step.raises(Flag::EmergencyDeclared) {
        if !facts.remove(&Fact::Danger) {
            wrong.push(format!("\"{id}\" stops somebody who is in no danger"));
        }
        facts.insert(Fact::Declared);
    }
    if !danger_may_come(step) {
        facts.remove(&Fact::Declared);
    }
    let child = CHILD.iter().any(|(id, age)| facts.contains(&Fact::Said(id, age)));
    let harmed = ["violence", "fear", "afraid"].iter().any(|id| step.is(id, &["yes"]))
        || step.is("effect", &["afraid", "self_harm"])
        || (id == "violence" && facts.contains(&Fact::Said("type", "home")));
    if child && harmed && !step.raises(Flag::Priority1) {
        wrong.push(format!("after \"{id}\" a child does not come first"));
    }
    for (id, value, flags) in FLAGGED.iter().filter(|(id, value, _)| step.is(id, &[*value])) {
        flagged.insert(((*id).to_owned(), (*value).to_owned()));
        for flag in flags.iter().filter(|flag| !step.raises(**flag)) {
            wrong.push(format!("\"{id}\" = \"{value}\" does not raise {}", flag.as_str()));
        }
    }
    wrong
}

/// Whether danger is asked about on this page or behind it.
fn danger_may_come(step: &Step<'_>) -> bool {
    let from_here = step.form.pages().iter().skip_while(|page| page.id != step.page.id);
    from_here.flat_map(|page| &page.questions).any(|question| {
        let values = DANGER.iter().filter(|(id, _)| *id == question.id).flat_map(|(_, is)| *is);
        values.into_iter().any(|is| question.choices.iter().any(|choice| choice.value == *is))
    })
}

/// What is wrong with a report that is sent after all this.
pub(super) fn at_the_end(form: &Form, facts: &BTreeSet<Fact>) -> Vec<String> {
    let mut wrong = vec![];
    let mut must = |holds: bool, fault: String| {
        if !holds {
            wrong.push(fault);
        }
    };
    let answered = |id| facts.contains(&Fact::Answered(id));
    let said = |id, value| facts.contains(&Fact::Said(id, value));
    for id in gate(&form.kind) {
        must(answered(id), format!("a report can be sent without \"{id}\""));
    }
    must(
        !facts.contains(&Fact::Danger),
        "a report of danger can be sent without emergency_declared".to_owned(),
    );
    // Who comes back to a report has said both with it.
    if form.listed && !facts.contains(&Fact::CannotCall) {
        // Some forms need a name and leave no choice.
        let known = answered("identity") || answered("name");
        must(known, "a report can be sent without \"identity\"".to_owned());
        must(answered("truth"), "a report can be sent without \"truth\"".to_owned());
    }
    must(
        !said("identity", "details") || answered("name"),
        "somebody who gives a name is not asked for it".to_owned(),
    );
    let first = WAYS.iter().flat_map(|(channels, ..)| *channels);
    let wants_contact = first.into_iter().any(|channel| said("channel", channel));
    for (channels, address, safe) in WAYS {
        for channel in channels {
            let chosen =
                said("channel", channel) || (wants_contact && said("second_channel", channel));
            let unasked = chosen && !answered(address);
            must(!unasked, format!("\"{channel}\" is chosen and \"{address}\" is not asked"));
        }
        let unsafe_way = answered(address) && !answered(safe);
        must(!unsafe_way, format!("\"{address}\" is given without \"{safe}\""));
        if said("identity", "anonymous") {
            must(!answered(address), format!("somebody anonymous gives \"{address}\""));
        }
    }
    if !facts.contains(&Fact::CannotCall) {
        let asked = answered("safe_visit");
        must(
            asked == facts.contains(&Fact::Safeguarding),
            "\"safe_visit\" is not asked of those to whom a visit could do harm".to_owned(),
        );
    }
    let could_harm = facts.contains(&Fact::Safeguarding) && message_goes(facts);
    must(
        answered("acknowledge") == could_harm,
        "\"acknowledge\" is not asked of those to whom a message could do harm".to_owned(),
    );
    let named = said("identity", "anonymous") && answered("name");
    must(!named, "somebody anonymous gives \"name\"".to_owned());
    wrong
}

/// Whether a message may go: a safe way to write, and no safe way that a person has to go comes first.
fn message_goes(facts: &BTreeSet<Fact>) -> bool {
    let said = |id, value| facts.contains(&Fact::Said(id, value));
    let wishes = |way| said("channel", way) || said("second_channel", way);
    let by_email = wishes("email") && said("safe_email", "yes");
    let by_text = wishes("text") && said("safe_phone", "yes");
    let by_person = (said("channel", "telephone") && said("safe_phone", "yes"))
        || (said("channel", "post") && said("safe_post", "yes"));
    (by_email || by_text) && !by_person
}

/// What is wrong with a finished way as journey and report have it.
pub(super) fn as_the_service_sees_it(
    form: &Form,
    page: &Page,
    answers: &Map<String, Value>,
) -> Vec<String> {
    let walked = journey(form, answers, now());
    let report = check(form, answers, now());
    let impassable = |page: &&Page| page.stop.as_ref().is_some_and(|stop| !stop.may_continue);
    if let Some(stop) = walked.path.iter().copied().find(impassable) {
        let taken = walked.may_submit || report.is_ok();
        return if taken { vec![format!("\"{}\" stops nobody", stop.id)] } else { vec![] };
    }
    match report {
        Ok(report) => {
            let mut wrong = of_report(form, &walked, &report);
            wrong.extend(of_stop(form, page, answers));
            wrong
        }
        Err(errors) => vec![format!("a way does not end: {errors:?}")],
    }
}

/// Whoever meets a stop can say there that they cannot call; a sign-post, or what to do about money, stops
/// nobody in danger.
pub(super) fn of_stops(form: &Form) -> Vec<String> {
    let stops = form.pages().iter().filter(|page| {
        page.stop.as_ref().is_some_and(|stop| {
            stop.may_continue && !["sign_post", "advice"].contains(&&*stop.code)
        })
    });
    let without = stops.filter(|page| {
        let choices = page.questions.iter().flat_map(|asked| &asked.choices);
        !choices.into_iter().any(|choice| choice.value == CANNOT_CALL)
    });
    without.map(|page| format!("at \"{}\" nobody can say that they cannot call", page.id)).collect()
}

/// After `question` was answered by somebody who cannot call: few questions more, and it is sent with
/// the flags of an emergency.
pub(super) fn sends_short(
    form: &Form,
    question: &Question,
    answers: &Map<String, Value>,
) -> Vec<String> {
    let walked = journey(form, answers, now());
    let asked = walked.entries.iter().filter(|entry| entry.question.at > question.at).count();
    let flags = check(form, answers, now()).map(|report| report.flags);
    let flagged = flags.is_ok_and(|flags| {
        flags.emergency_declared && flags.emergency_cannot_call && flags.priority == Some(P1)
    });
    let id = &question.id;
    let all = [
        (walked.short, format!("after \"{id}\" somebody who cannot call is in the full form")),
        (
            asked <= SHORT_MAX,
            format!("after \"{id}\" somebody who cannot call is asked {asked} more"),
        ),
        (flagged, format!("after \"{id}\" nothing is sent with the flags of an emergency")),
    ];
    all.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault).collect()
}

/// A page that stops people does so until its question is answered.
fn of_stop(form: &Form, page: &Page, answers: &Map<String, Value>) -> Option<String> {
    page.stop.as_ref()?;
    let mut answers = answers.clone();
    for question in &page.questions {
        answers.remove(&question.id);
    }
    let passed = is_taken(form, &answers);
    passed.then(|| format!("\"{}\" is passed without an answer", page.id))
}

fn of_report(form: &Form, walked: &Journey<'_, '_>, report: &Report<'_>) -> Vec<String> {
    let contact = &report.contact;
    let stopped = walked
        .path
        .iter()
        .any(|page| page.stop.as_ref().is_some_and(|stop| stop.code == "call_999"));
    let anonymous = contact.identity == Identity::Anonymous;
    let nothing = contact.name.is_none()
        && contact.email.is_none()
        && contact.phone.is_none()
        && contact.channel == Channel::None
        && contact.second_channel.is_none()
        && !report.answers.iter().any(|answer| answer.id == "address");
    let all = [
        (
            walked.complete && walked.may_submit,
            "the report is taken and the journey says otherwise",
        ),
        (
            (stopped || report.flags.emergency_cannot_call) == report.flags.emergency_declared,
            "emergency_declared is not what was met",
        ),
        (
            ALWAYS.iter().all(|(kind, flag)| *kind != form.kind || walked.raises(*flag)),
            "a report does not raise what all of its kind do",
        ),
        (!anonymous || nothing, "a report says who somebody anonymous is"),
        (
            contact.email.is_some() == contact.safe_email.is_some(),
            "an email is sent, not known safe",
        ),
        (
            contact.phone.is_some() == contact.safe_phone.is_some(),
            "a number is sent, not known safe",
        ),
    ];
    all.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

/// Whoever chose to go elsewhere at `question` sends nothing, and is told so.
pub(super) fn ends(form: &Form, question: &Question, answers: &Map<String, Value>) -> Vec<String> {
    let walked = journey(form, answers, now());
    let told = check(form, answers, now()).err().unwrap_or_default();
    let stopped = told.first().is_some_and(|error| error.code == ErrorCode::Stopped);
    let ended = walked.ended && walked.stop.is_some() && !walked.may_submit && stopped;
    if ended {
        vec![]
    } else {
        vec![format!("after \"{}\" a report goes on that ended", question.id)]
    }
}

pub(super) fn is_taken(form: &Form, answers: &Map<String, Value>) -> bool {
    journey(form, answers, now()).may_submit || check(form, answers, now()).is_ok()
}
