//! A form's core as a flat list. Nobody is led from page to page here: each attribute says after which answers
//! it is asked, and what does not fit those is refused when it is sent.

use serde::Serialize;

use crate::domain::form::{Condition, Form, Kind, Question, Stop};

/// The interruption that nobody passes here: who needs help now has to call.
pub(super) const CALL_999: &str = "call_999";

/// One line of a definition, as the standard has it.
#[derive(Debug, Serialize)]
pub(super) struct Attribute {
    variable: bool,
    code: String,
    datatype: &'static str,
    required: bool,
    datatype_description: String,
    order: usize,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Choice {
    key: String,
    name: String,
}

/// A question that can be answered here.
#[derive(Debug)]
pub(super) struct Asked<'f> {
    pub(super) question: &'f Question,
    /// The sign-post that it stands at.
    stop: Option<&'f Stop>,
    /// Asked only while all of these hold.
    when: Vec<Condition>,
    /// Whether there are answers that excuse it.
    excused: bool,
    datatype: &'static str,
}

impl Asked<'_> {
    fn is_required(&self) -> bool {
        self.question.required && self.when.is_empty() && !self.excused
    }
}

/// Every question that can be answered here, in the order of asking; or why the form cannot be offered.
/// What hangs on an interruption that nobody passes, or on what cannot be told in a list, is not asked.
pub(super) fn asked(form: &Form) -> Result<Vec<Asked<'_>>, String> {
    let mut all: Vec<Asked<'_>> = vec![];
    for page in form.pages() {
        if page.stop.as_ref().is_some_and(|stop| stop.code == CALL_999) {
            continue;
        }
        for question in &page.questions {
            let conditions = page.when.iter().chain(&question.when);
            let Some(when) = conditions.map(|when| so_far(when, &all)).collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            let Some(datatype) = datatype(question.kind) else {
                if question.required {
                    let id = &question.id;
                    return Err(format!("it requires {id}, which cannot be told in a list"));
                }
                continue;
            };
            let excused =
                question.optional_when.as_ref().is_some_and(|when| so_far(when, &all).is_some());
            let when = when.into_iter().filter(|when| !is_always(when)).collect();
            all.push(Asked { question, stop: page.stop.as_ref(), when, excused, datatype });
        }
    }
    Ok(all)
}

/// The condition as far as it looks at what is asked here; `None` where it cannot hold.
fn so_far(when: &Condition, all: &[Asked<'_>]) -> Option<Condition> {
    when.so_far(&|look| match look {
        Condition::Is(test) | Condition::Answered(test) => {
            all.iter().any(|asked| asked.question.id == test.question)
        }
        Condition::Raised { .. } | Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {
            true
        }
    })
}

fn is_always(when: &Condition) -> bool {
    match when {
        Condition::All(all) => all.iter().all(is_always),
        Condition::Any(any) => any.iter().any(is_always),
        Condition::Is(_)
        | Condition::Answered(_)
        | Condition::Raised { .. }
        | Condition::Not(_) => false,
    }
}

/// The argument of the standard that answers `id`, where there is one: the definition leaves it out.
pub(super) fn argument(all: &[Asked<'_>], id: &str) -> Option<&'static str> {
    let place = all.iter().find(|asked| asked.question.kind == Kind::Place);
    match id {
        "what" => Some("description"),
        "identity" | "name" => Some("first_name, last_name"),
        "email" => Some("email"),
        "phone" => Some("phone"),
        _ if place.is_some_and(|place| place.question.id == id) => {
            Some("lat, long, address_string")
        }
        _ => None,
    }
}

/// The definition's attributes.
pub(super) fn of(form: &Form) -> Vec<Attribute> {
    let all = asked(form).unwrap_or_default();
    let own = all.iter().filter(|asked| argument(&all, &asked.question.id).is_none());
    (1..).zip(own).map(|(order, asked)| attribute(order, asked)).collect()
}

fn attribute(order: usize, asked: &Asked<'_>) -> Attribute {
    let question = asked.question;
    let description = match asked.stop {
        Some(stop) => format!("{}. {}", stop.title, question.label),
        None => question.label.clone(),
    };
    let only = asked.when.iter().map(spelt).collect::<Vec<_>>().join(" and ");
    let only = (!only.is_empty()).then(|| format!("Only where {only}"));
    let said = [
        asked.stop.map(|stop| in_one_line(&stop.body)),
        question.hint.clone(),
        how(question.kind).map(str::to_owned),
        only,
    ];
    let said: Vec<String> =
        said.into_iter().flatten().map(|line| line.trim_end_matches('.').to_owned()).collect();
    Attribute {
        variable: true,
        code: question.id.clone(),
        datatype: asked.datatype,
        required: asked.is_required(),
        datatype_description: said.join(". "),
        order,
        description,
        values: values(question),
    }
}

pub(super) fn in_one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// `None`: a list of attributes cannot say it.
fn datatype(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::YesNo | Kind::YesNoUnsure | Kind::One | Kind::Declaration => Some("singlevaluelist"),
        Kind::Many => Some("multivaluelist"),
        Kind::Number | Kind::Money => Some("number"),
        Kind::Date | Kind::ApproximateDate => Some("datetime"),
        Kind::LongText | Kind::Person | Kind::Place => Some("text"),
        Kind::Text | Kind::Time | Kind::Phone | Kind::Email | Kind::VehicleRegistration => {
            Some("string")
        }
        Kind::Files | Kind::Group => None,
    }
}

/// How it is written, where that is not plain.
fn how(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ApproximateDate => Some(
            "A date like 2026-03-27, a date and time with its zone like 2026-03-27T18:30:00Z, or the \
             word unsure",
        ),
        Kind::Date => Some("A date like 2026-03-27"),
        Kind::Time => Some("On the 24-hour clock, like 18:30"),
        Kind::Money => Some("In pounds, like 120 or 120.50"),
        Kind::YesNo
        | Kind::YesNoUnsure
        | Kind::One
        | Kind::Many
        | Kind::Text
        | Kind::LongText
        | Kind::Number
        | Kind::Place
        | Kind::Person
        | Kind::Phone
        | Kind::Email
        | Kind::VehicleRegistration
        | Kind::Files
        | Kind::Declaration
        | Kind::Group => None,
    }
}

/// What is sent for a declaration.
pub(super) const AGREED: &str = "true";

fn values(question: &Question) -> Vec<Choice> {
    if question.kind == Kind::Declaration {
        return vec![Choice { key: AGREED.to_owned(), name: "Yes".to_owned() }];
    }
    let choice = |choice: &crate::domain::form::Choice| Choice {
        key: choice.value.clone(),
        name: choice.label.clone(),
    };
    question.choices.iter().map(choice).collect()
}

/// A condition in words, for who writes the program.
fn spelt(when: &Condition) -> String {
    let joined = |all: &[Condition], word: &str| {
        let parts = all.iter().filter(|part| !is_always(part)).map(spelt);
        let parts: Vec<String> = parts.collect();
        if parts.len() > 1 { format!("({})", parts.join(word)) } else { parts.concat() }
    };
    match when {
        Condition::Is(test) => format!("{} is {}", test.question, test.values.join(" or ")),
        Condition::Answered(test) => format!("{} is given", test.question),
        Condition::Raised { .. } => "another answer asks for it".to_owned(),
        Condition::All(all) => joined(all, " and "),
        Condition::Any(any) => joined(any, " or "),
        Condition::Not(not) => format!("not {}", spelt(not)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{load, sample_words};

    /// The definition of what was lost, by code.
    fn definition() -> Vec<Attribute> {
        of(load(&sample_words()).unwrap().get("property-lost").unwrap())
    }

    fn one(code: &str) -> Attribute {
        definition().into_iter().find(|attribute| attribute.code == code).unwrap()
    }

    #[test]
    fn a_definition_has_all_that_can_be_asked_in_a_list_and_no_argument_of_the_standard() {
        let all = definition();
        let codes: Vec<&str> = all.iter().map(|attribute| attribute.code.as_str()).collect();
        for code in ["danger", "thing", "passport_on", "lost_where", "when", "channel", "truth"] {
            assert!(codes.contains(&code), "{code}: {codes:?}");
        }
        for code in ["emergency", "reach", "what", "where", "identity", "name", "email", "phone"] {
            assert!(!codes.contains(&code), "{code}");
        }
        let orders: Vec<usize> = all.iter().map(|attribute| attribute.order).collect();
        assert_eq!(orders, (1..=all.len()).collect::<Vec<_>>());
        let required = all.iter().filter(|attribute| attribute.required);
        let required: Vec<&str> = required.map(|attribute| attribute.code.as_str()).collect();
        assert_eq!(required, ["danger", "thing", "stolen", "lost_where", "when", "truth"]);
    }

    #[test]
    fn an_attribute_says_how_it_is_written_and_after_what_it_is_asked() {
        let keys = |code: &str| -> Vec<String> {
            one(code).values.into_iter().map(|value| value.key).collect()
        };
        assert_eq!(keys("danger"), ["yes", "no", "unsure"]);
        assert_eq!(keys("truth"), ["true"]);
        let sign = one("passport_on");
        assert!(sign.description.starts_with("First tell HM Passport Office. "), "{sign:?}");
        assert!(sign.datatype_description.contains("It cancels the passport"), "{sign:?}");
        assert!(
            sign.datatype_description.ends_with("Only where (thing is passport and stolen is no)"),
            "{sign:?}"
        );
        assert!(one("when").datatype_description.contains("or the word unsure"));
        assert_eq!((one("when").datatype, one("needs").datatype), ("datetime", "multivaluelist"));
        let safe = one("safe_email").datatype_description;
        assert!(safe.contains("(channel is email or ("), "{safe}");
    }

    #[test]
    fn a_form_that_requires_what_no_list_can_say_is_not_offered() {
        let text = crate::forms::files().find(|(file, _)| file.contains("property-lost")).unwrap();
        let asked_of = |from: &str, to: &str| {
            let changed = text.1.replace(from, to);
            assert_ne!(changed, text.1);
            let form = crate::forms::read(text.0, &changed, &sample_words());
            asked(&form.unwrap()).map(|all| all.len())
        };
        let file = "kind = \"files\"\nlimits = { items_max = 1 }\nfor = \"record\"\nlabel = \"Which colour?\"\n\
                    example = [\"0123456789abcdef0123456789abcdef\"]\nbad_examples = [7]\n";
        let colour = text.1.find("id = \"colour\"").unwrap();
        let end = colour + text.1[colour..].find("\n\n").unwrap();
        let question = &text.1[colour..end];
        let left_out = format!("id = \"colour\"\n{file}");
        let without = asked_of(question, &left_out).unwrap();
        assert_eq!(without + 1, definition_length());
        let needed = format!("{left_out}required = true\nerror.missing = \"Add it\"\n");
        assert!(asked_of(question, &needed).unwrap_err().contains("colour"));
    }

    fn definition_length() -> usize {
        asked(load(&sample_words()).unwrap().get("property-lost").unwrap()).unwrap().len()
    }
}
