//! Templates and facts -> the words of a message. What is told stands in the templates and in what
//! staff have written; nothing that the reporter wrote goes into a message, but for the control room's.

use backbone::said;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::codec::SAVED_LINK;

/// One message on every network.
const TEXT_CHARS_MAX: usize = 160;
/// With the words that it is a demonstration: two.
const DEMONSTRATION_CHARS_MAX: usize = 306;

/// Who writes.
#[derive(Debug, Clone)]
pub struct Sender {
    pub force_name: String,
    pub service_name: String,
    /// Where reporters go with their return code. A plain address without a code.
    pub report_address: String,
    /// Where people go on with a form that they saved, by its code. As plain.
    pub saved_address: String,
    /// False: every message says that this is a demonstration.
    pub is_live: bool,
}

/// What a message tells. Each has a folder of templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Acknowledgement,
    RequestDetails,
    Allocate,
    FileForInformation,
    /// A decision that has no words of its own.
    NextSteps,
    Holding,
    /// Where a saved form is.
    SavedLink,
}

impl Told {
    pub const ALL: [Self; 7] = [
        Self::Acknowledgement,
        Self::RequestDetails,
        Self::Allocate,
        Self::FileForInformation,
        Self::NextSteps,
        Self::Holding,
        Self::SavedLink,
    ];

    /// By the message's purpose and, for next steps, the decision that it tells.
    #[must_use]
    pub fn of(what: &str, decision: &str) -> Self {
        match (what, decision) {
            ("acknowledgement", _) => Self::Acknowledgement,
            ("holding", _) => Self::Holding,
            (SAVED_LINK, _) => Self::SavedLink,
            (_, "request_details") => Self::RequestDetails,
            (_, "allocate") => Self::Allocate,
            (_, "file_for_information") => Self::FileForInformation,
            _ => Self::NextSteps,
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::RequestDetails => "request_details",
            Self::Allocate => "allocate",
            Self::FileForInformation => "file_for_information",
            Self::NextSteps => "next_steps",
            Self::Holding => "holding",
            Self::SavedLink => "saved_link",
        }
    }
}

/// What stands in a message besides its template.
#[derive(Debug, Clone)]
pub struct Facts {
    pub reference: String,
    /// The time that was promised.
    pub by: Timestamp,
    /// The time that a holding message names next; until when a saved form is kept.
    pub again_by: Timestamp,
    /// What staff have written to the reporter.
    pub message: String,
    pub questions: Vec<String>,
}

impl Facts {
    /// A reference as long as all are, and the times with the most letters.
    fn longest_in_a_text() -> Self {
        let late = Timestamp::constant(1_790_809_140, 0); // 11:59pm on Wednesday 30 September
        Self {
            reference: "7K4M2TQ9X".to_owned(),
            by: late,
            again_by: late,
            message: String::new(),
            questions: vec![],
        }
    }
}

/// An email's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a template cannot be read or filled")]
    Template(#[from] minijinja::Error),
    #[error("the time zone Europe/London is not known")]
    Zone(#[source] jiff::Error),
    #[error(
        "a text of {what} has {chars} characters and may have {max}: give a shorter FORCE_NAME, REPORT_ADDRESS or SAVED_ADDRESS"
    )]
    TooLong { what: &'static str, chars: usize, max: usize },
}

/// Fills templates for one sender.
#[derive(Debug)]
pub struct Renderer {
    templates: Environment<'static>,
    zone: TimeZone,
    sender: Sender,
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

const TEMPLATES: [(&str, &str); 38] = templates![
    "layout.txt",
    "layout.html",
    "text_layout.txt",
    "acknowledgement/subject.txt",
    "acknowledgement/email.txt",
    "acknowledgement/email.html",
    "acknowledgement/text.txt",
    "request_details/subject.txt",
    "request_details/email.txt",
    "request_details/email.html",
    "request_details/text.txt",
    "allocate/subject.txt",
    "allocate/email.txt",
    "allocate/email.html",
    "allocate/text.txt",
    "file_for_information/subject.txt",
    "file_for_information/email.txt",
    "file_for_information/email.html",
    "file_for_information/text.txt",
    "next_steps/subject.txt",
    "next_steps/email.txt",
    "next_steps/email.html",
    "next_steps/text.txt",
    "holding/subject.txt",
    "holding/email.txt",
    "holding/email.html",
    "holding/text.txt",
    "saved_link/subject.txt",
    "saved_link/email.txt",
    "saved_link/email.html",
    "saved_link/text.txt",
    "control_room/subject.txt",
    "control_room/email.txt",
    "control_room/email.html",
    "control_room/page.html",
    "on_call/subject.txt",
    "on_call/email.txt",
    "on_call/email.html",
];

impl Renderer {
    /// Reads all templates, so that one that cannot be read stops the start and not a message.
    pub fn try_new(sender: Sender) -> Result<Self, Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
        templates.set_syntax(syntax);
        for (name, source) in TEMPLATES {
            templates.add_template(name, source)?;
        }
        let zone = TimeZone::get("Europe/London").map_err(Error::Zone)?;
        Ok(Self { templates, zone, sender })
    }

    pub fn email(&self, told: Told, facts: &Facts) -> Result<Email, Error> {
        Ok(Email {
            subject: self.fill(told, "subject.txt", facts)?,
            text: self.fill(told, "email.txt", facts)?,
            html: self.fill(told, "email.html", facts)?,
        })
    }

    pub fn text(&self, told: Told, facts: &Facts) -> Result<String, Error> {
        self.fill(told, "text.txt", facts)
    }

    /// An email to the force's own people.
    pub fn staff_email(&self, folder: &str, facts: Value) -> Result<Email, Error> {
        Ok(Email {
            subject: self.page(&format!("{folder}/subject.txt"), facts.clone())?,
            text: self.page(&format!("{folder}/email.txt"), facts.clone())?,
            html: self.page(&format!("{folder}/email.html"), facts)?,
        })
    }

    /// One template with these facts.
    pub fn page(&self, name: &str, facts: Value) -> Result<String, Error> {
        let filled = self.templates.get_template(name)?.render(context! {
            force_name => self.sender.force_name.clone(),
            is_live => self.sender.is_live,
            ..facts
        })?;
        Ok(tidy(&filled))
    }

    /// Whether a force uses this; else everything is a demonstration.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.sender.is_live
    }

    /// A time as staff read it, to the second: `18:04:22 on Tuesday 24 November 2026`.
    #[must_use]
    pub fn exact(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        let (time, day) = (local.strftime("%H:%M:%S"), said::date(local.datetime()));
        format!("{time} on {day} {}", local.year())
    }

    /// Refuses names and addresses with which a text would be longer than one message.
    pub fn texts_fit(&self) -> Result<(), Error> {
        let max = if self.sender.is_live { TEXT_CHARS_MAX } else { DEMONSTRATION_CHARS_MAX };
        for told in Told::ALL {
            let chars = self.text(told, &Facts::longest_in_a_text())?.chars().count();
            if chars > max {
                return Err(Error::TooLong { what: told.folder(), chars, max });
            }
        }
        Ok(())
    }

    fn fill(&self, told: Told, part: &str, facts: &Facts) -> Result<String, Error> {
        let template = self.templates.get_template(&format!("{}/{part}", told.folder()))?;
        let message = facts.message.trim();
        let paragraphs: Vec<String> = message
            .split("\n\n")
            .filter(|part| !part.trim().is_empty())
            .map(str::to_owned)
            .collect();
        let filled = template.render(context! {
            force_name => self.sender.force_name.clone(),
            service_name => self.sender.service_name.clone(),
            report_address => self.sender.report_address.clone(),
            saved_address => self.sender.saved_address.clone(),
            is_live => self.sender.is_live,
            reference => grouped(&facts.reference),
            by => self.clock(facts.by),
            again_by => self.clock(facts.again_by),
            message => message.to_owned(),
            paragraphs => paragraphs,
            questions => facts.questions.clone(),
        })?;
        Ok(tidy(&filled))
    }

    /// A clock time with its day, as people in the force's area read it: `6pm on Tuesday 24 November`.
    /// Midnight belongs to the day that people would call by its name.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> String {
        said::moment(at.to_zoned(self.zone.clone()).datetime())
    }
}

/// A reference in groups that read aloud well: `7K4M-2TQ9`.
#[must_use]
pub fn grouped(reference: &str) -> String {
    let plain: Vec<char> = reference.chars().filter(|character| *character != '-').collect();
    let groups: Vec<String> = plain.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// No blank lines at the ends, and never two in a row.
fn tidy(text: &str) -> String {
    let mut tidied: Vec<&str> = vec![];
    for line in text.trim().lines() {
        let line = line.trim_end();
        if !(line.is_empty() && tidied.last().is_some_and(|before| before.is_empty())) {
            tidied.push(line);
        }
    }
    tidied.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renderer(is_live: bool) -> Renderer {
        Renderer::try_new(Sender {
            force_name: "Leicestershire Police".to_owned(),
            service_name: "Report to Leicestershire Police".to_owned(),
            report_address: "leics.police.uk/my-report".to_owned(),
            saved_address: "leics.police.uk/saved".to_owned(),
            is_live,
        })
        .unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The shortest and the longest of what may stand in a message.
    fn samples() -> [Facts; 3] {
        let plain = Facts {
            reference: "7K4M2TQ9X".to_owned(),
            by: at("2026-11-24T18:00:00Z"),
            again_by: at("2026-11-25T18:00:00Z"),
            message: String::new(),
            questions: vec![],
        };
        let usual = Facts {
            message: "Thank you for the times.\n\nWe need to know two more things.".to_owned(),
            questions: vec![
                "About what time did you leave home?".to_owned(),
                "Does the shop next door have a camera?".to_owned(),
            ],
            ..plain.clone()
        };
        let longest = Facts {
            by: at("2026-09-30T22:59:00Z"),
            again_by: at("2026-09-30T22:59:00Z"),
            message: format!("<b>{}</b>", "A long sentence that staff wrote. ".repeat(60)),
            questions: vec!["Was it < 5 & > 3?".to_owned(); 10],
            ..plain.clone()
        };
        [plain, usual, longest]
    }

    /// What is told of a report.
    fn of_reports() -> impl Iterator<Item = Told> {
        Told::ALL.into_iter().filter(|told| *told != Told::SavedLink)
    }

    #[test]
    fn every_template_takes_every_sample() {
        for is_live in [true, false] {
            for told in of_reports() {
                for facts in samples() {
                    let email = renderer(is_live).email(told, &facts).unwrap();
                    let text = renderer(is_live).text(told, &facts).unwrap();
                    let all = [&email.subject, &email.text, &email.html, &text];
                    assert!(all.iter().all(|part| part.contains("7K4M-2TQ9-X")), "{all:?}");
                    assert!(all.iter().all(|part| !part.contains("{{") && !part.contains("{%")));
                }
            }
        }
    }

    #[test]
    fn subject_first_line_and_text_name_nothing_that_happened() {
        let facts = Facts {
            message: "We have recorded this as a burglary.".to_owned(),
            questions: vec!["What did the burglar take?".to_owned()],
            ..samples()[1].clone()
        };
        for told in of_reports() {
            let email = renderer(true).email(told, &facts).unwrap();
            let text = renderer(true).text(told, &facts).unwrap();
            let first_line = email.text.lines().next().unwrap_or_default().to_owned();
            for part in [&email.subject, &first_line, &text] {
                assert!(!part.to_lowercase().contains("burgl"), "{part}");
            }
            assert!(email.subject.starts_with("Your report 7K4M-2TQ9-X"));
            assert!(!email.subject.contains('\n') && email.subject.len() <= 60);
        }
    }

    #[test]
    fn what_staff_wrote_stands_in_the_email_and_is_no_markup() {
        let [_, usual, longest] = samples();
        let email = renderer(true).email(Told::RequestDetails, &usual).unwrap();
        assert!(email.text.contains("1. About what time did you leave home?\n2. Does the shop"));
        assert!(email.text.contains("Thank you for the times.\n\nWe need to know"));
        assert!(email.html.contains("<li>About what time did you leave home?</li>"));
        let email = renderer(true).email(Told::RequestDetails, &longest).unwrap();
        assert!(email.html.contains("&lt;b&gt;A long sentence") && !email.html.contains("<b>A"));
    }

    #[test]
    fn a_text_fits_one_message_and_has_plain_characters() {
        for told in Told::ALL {
            for facts in samples() {
                let live = renderer(true).text(told, &facts).unwrap();
                assert!(live.is_ascii() && !live.contains('\n'));
                assert!(live.starts_with("Leicestershire Police:") && live.ends_with("999"));
                assert!(live.len() <= TEXT_CHARS_MAX, "{}: {live}", live.len());
            }
        }
        renderer(true).texts_fit().unwrap();
        renderer(false).texts_fit().unwrap();
        let longest = Facts::longest_in_a_text();
        assert_eq!(renderer(true).clock(longest.by), "11:59pm on Wednesday 30 September");
    }

    #[test]
    fn where_a_saved_form_is_says_that_alone() {
        let facts = Facts { again_by: at("2026-12-01T18:00:00Z"), ..samples()[1].clone() };
        let email = renderer(true).email(Told::SavedLink, &facts).unwrap();
        assert_eq!(email.subject, "Your saved form");
        let text = renderer(true).text(Told::SavedLink, &facts).unwrap();
        for part in [email.text, email.html.replace("&#x2f;", "/"), text.clone()] {
            assert!(part.contains("leics.police.uk/saved"), "{part}");
            assert!(part.contains("6pm on Tuesday 1 December"), "{part}");
            assert!(part.contains("not sent") && part.contains("999"), "{part}");
            // Nothing that a message of a report would say, and no link that opens anything.
            for other in ["7K4M", "report", "Thank you for the times", "http", "?"] {
                assert!(!part.contains(other), "{other}: {part}");
            }
        }
        assert_eq!(
            text,
            "Leicestershire Police: your form is saved, not sent. We keep it until 6pm on Tuesday \
             1 December. Go on: leics.police.uk/saved. Emergency: 999"
        );
    }

    #[test]
    fn a_name_with_which_a_text_would_be_two_messages_is_refused() {
        let mut longer = renderer(true);
        longer.sender.force_name = "Leicestershire and Rutland Police".to_owned();
        let error = longer.texts_fit().unwrap_err().to_string();
        assert!(error.contains("FORCE_NAME") && error.contains("160"), "{error}");
        longer.sender.is_live = false;
        longer.texts_fit().unwrap();
        longer.sender.force_name = "Police ".repeat(40);
        assert!(longer.texts_fit().is_err());
    }

    #[test]
    fn emergencies_and_demonstrations_are_named_in_every_message() {
        for told in Told::ALL {
            for facts in samples() {
                let live = renderer(true).email(told, &facts).unwrap();
                assert!(live.text.contains("In an emergency call 999."));
                assert!(live.html.contains("In an emergency call 999."));
                assert!(!live.text.contains("Demonstration"));
                let demonstration = renderer(false).email(told, &facts).unwrap();
                assert!(demonstration.text.starts_with("Demonstration. Nobody reads reports"));
                assert!(demonstration.html.contains("Demonstration. Nobody reads reports"));
                let text = renderer(false).text(told, &facts).unwrap();
                assert!(text.starts_with("Demonstration. Nobody reads reports sent here."));
            }
        }
    }

    #[test]
    fn a_time_is_local_on_both_sides_of_both_clock_changes() {
        let clock = |text: &str| renderer(true).clock(at(text));
        assert_eq!(clock("2026-03-28T18:00:00Z"), "6pm on Saturday 28 March");
        assert_eq!(clock("2026-03-29T18:00:00Z"), "7pm on Sunday 29 March");
        assert_eq!(clock("2026-10-24T17:00:00Z"), "6pm on Saturday 24 October");
        assert_eq!(clock("2026-10-25T18:00:00Z"), "6pm on Sunday 25 October");
    }

    #[test]
    fn a_time_reads_as_people_say_it() {
        let clock = |text: &str| renderer(true).clock(at(text));
        assert_eq!(clock("2026-11-24T18:00:59Z"), "6pm on Tuesday 24 November");
        assert_eq!(clock("2026-11-24T09:05:00Z"), "9:05am on Tuesday 24 November");
        assert_eq!(clock("2026-11-24T12:00:00Z"), "midday on Tuesday 24 November");
        assert_eq!(clock("2026-11-25T00:00:00Z"), "11:59pm on Tuesday 24 November");
        assert_eq!(clock("2026-11-24T00:30:00Z"), "12:30am on Tuesday 24 November");
    }

    #[test]
    fn a_reference_is_shown_in_groups() {
        assert_eq!(grouped("7K4M2TQ9"), "7K4M-2TQ9");
        assert_eq!(grouped("7K4M-2TQ9"), "7K4M-2TQ9");
        assert_eq!(grouped("7K4M2TQ9X"), "7K4M-2TQ9-X");
    }
}
