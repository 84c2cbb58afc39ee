//! What is wrong with a page, in the same words at the top and at the field.

use serde::Serialize;

use super::typed::{self, Fields};
use crate::domain::form::{ErrorCode, FieldError, Kind, Question};

const WHICH_DAY: &str = "Enter the day, like 27 3 2026, or choose that you are not sure";

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Fault {
    #[serde(skip)]
    field: String,
    href: String,
    text: String,
}

/// All that is wrong with a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wrong(Vec<Fault>);

impl Wrong {
    /// Of these questions, as far as they are shown.
    pub fn new<'a>(
        errors: &[FieldError],
        questions: impl IntoIterator<Item = &'a Question>,
        fields: &Fields,
        short: bool,
    ) -> Self {
        let mut faults: Vec<Fault> = vec![];
        for question in questions {
            for error in errors {
                if let Some(within) = within(&error.pointer, &question.id) {
                    let fault = fault(question, within, error, fields, short);
                    // One sentence a field.
                    if !faults.iter().any(|told| told.field == fault.field) {
                        faults.push(fault);
                    }
                }
            }
        }
        Self(faults)
    }

    /// Something that is wrong with a field that no form has.
    #[must_use]
    pub fn one(field: &str, text: impl Into<String>) -> Self {
        let href = format!("#{field}");
        Self(vec![Fault { field: field.to_owned(), href, text: text.into() }])
    }

    pub fn push(&mut self, field: &str, text: impl Into<String>) {
        self.0.extend(Self::one(field, text).0);
    }

    #[must_use]
    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }

    /// All that is wrong with a field of which there may be several things to say.
    #[must_use]
    pub fn all_at(&self, field: &str) -> String {
        let told = self.0.iter().filter(|fault| fault.field == field);
        told.map(|fault| fault.text.as_str()).collect::<Vec<_>>().join(". ")
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the summary at the top.
    #[must_use]
    pub fn list(&self) -> minijinja::Value {
        minijinja::Value::from(minijinja::value::Serde(&self.0))
    }
}

/// The part of the answer to `question` that `pointer` is about.
fn within<'a>(pointer: &'a str, question: &str) -> Option<&'a str> {
    let rest = pointer.strip_prefix("/answers/")?.strip_prefix(question)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

fn fault(
    question: &Question,
    within: &str,
    error: &FieldError,
    fields: &Fields,
    short: bool,
) -> Fault {
    let id = &question.id;
    let part = within.replace('/', "-");
    let known = fields.get(&format!("{id}-known"));
    let (field, first) = match question.kind {
        Kind::ApproximateDate => match part.as_str() {
            "" | "known" => (format!("{id}-known"), String::new()),
            "date" if known == "about" => (format!("{id}-about-words"), String::new()),
            // A time that cannot be read is not the day's fault.
            "from" | "to"
                if error.code == ErrorCode::NotADate
                    && !typed::is_time(fields.get(&format!("{id}-{known}-{part}-time"))) =>
            {
                (format!("{id}-{known}-{part}-time"), String::new())
            }
            "date" if matches!(known, "today" | "yesterday") => {
                (format!("{id}-{known}-time"), String::new())
            }
            "date" | "from" | "to" => (format!("{id}-{known}-{part}"), "-day".to_owned()),
            part => (format!("{id}-{known}-{part}"), String::new()),
        },
        Kind::Date => (id.clone(), "-day".to_owned()),
        Kind::Place if short => (format!("{id}-how_to_find"), String::new()),
        Kind::Place if part.is_empty() => (id.clone(), "-line1".to_owned()),
        Kind::Person if part.is_empty() => (id.clone(), "-name".to_owned()),
        Kind::Group if part.is_empty() => {
            let first = question.questions.first().map_or("", |first| first.id.as_str());
            (id.clone(), format!("-0-{first}"))
        }
        Kind::Place | Kind::Person | Kind::Group => (format!("{id}-{part}"), String::new()),
        Kind::YesNo
        | Kind::YesNoUnsure
        | Kind::One
        | Kind::Many
        | Kind::Text
        | Kind::LongText
        | Kind::Number
        | Kind::Money
        | Kind::Time
        | Kind::Phone
        | Kind::Email
        | Kind::VehicleRegistration
        | Kind::Files
        | Kind::Declaration => (id.clone(), String::new()),
    };
    let is_day = first == "-day";
    let code = error.code;
    let text = if is_day && (code == ErrorCode::NotADate || code == ErrorCode::Missing) {
        WHICH_DAY.to_owned()
    } else if code == ErrorCode::InTheFuture && matches!(known, "today" | "yesterday") {
        "That time is still to come. Check am and pm".to_owned()
    } else if code == ErrorCode::NotATime
        || (code == ErrorCode::NotADate && field.ends_with("-time"))
    {
        "Enter the time like 6:30pm, or leave it empty".to_owned()
    } else {
        error.detail.clone()
    };
    Fault { href: format!("#{field}{first}"), field, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::tests::crime;

    #[track_caller]
    fn check(question: &str, within: &str, typed: &[(&str, &str)], then: (&str, &str)) {
        let mut fields = Fields::default();
        for (name, value) in typed {
            fields.push(name, value);
        }
        let form = crime();
        let error = FieldError {
            pointer: format!("/answers/{question}{within}"),
            code: ErrorCode::NotADate,
            detail: "Words of the form".to_owned(),
        };
        let wrong = Wrong::new(&[error], form.question(question), &fields, false);
        let fault = &wrong.0[0];
        assert_eq!((fault.field.as_str(), fault.href.as_str()), then);
    }

    #[test]
    fn a_link_leads_to_the_first_field_that_it_is_about() {
        check("type", "", &[], ("type", "#type"));
        check("where", "", &[], ("where", "#where-line1"));
        check("where", "/postcode", &[], ("where-postcode", "#where-postcode"));
        check("items", "/1/value", &[], ("items-1-value", "#items-1-value"));
        check("items", "", &[], ("items", "#items-0-item"));
        let exact = [("when-known", "exact")];
        check("when", "/date", &exact, ("when-exact-date", "#when-exact-date-day"));
        check("when", "", &[], ("when-known", "#when-known"));
    }

    #[test]
    fn a_question_whose_name_begins_like_another_is_not_meant() {
        assert_eq!(within("/answers/where_kind", "where"), None);
        assert_eq!(within("/answers/where/town", "where"), Some("town"));
    }
}
