//! A question as the components that ask it: their options are those of GOV.UK Frontend, so that its
//! own fixtures judge our macros.

mod when; // an approximate date

use minijinja::Environment;
use serde_json::{Value, json};

use super::errors::Wrong;
use super::typed::{Fields, PERSON};
use crate::domain::form::{Choice, Kind, Question, QuestionView};

/// What a page may know while it draws a question.
#[derive(Debug)]
pub struct Drawing<'a> {
    pub templates: &'a Environment<'static>,
    pub fields: &'a Fields,
    pub wrong: &'a Wrong,
    /// The question is the page's heading.
    pub is_heading: bool,
    /// A place is asked for in words alone: there is no time for more.
    pub short: bool,
}

/// One component with its options.
type Component = Value;

fn component(kind: &str, options: &Value) -> Component {
    json!({ "kind": kind, "options": options })
}

impl Drawing<'_> {
    /// The HTML of a question. `nested` stand under the choice that leads to them.
    pub fn question(
        &self,
        asked: &QuestionView<'_>,
        nested: &[(&str, &QuestionView<'_>)],
    ) -> Result<String, minijinja::Error> {
        let words = Words { label: asked.label, hint: asked.hint, is_heading: self.is_heading };
        let under = nested
            .iter()
            .map(|(choice, view)| {
                let inner = Self { is_heading: false, ..*self };
                Ok(((*choice).to_owned(), inner.question(view, &[])?))
            })
            .collect::<Result<Vec<(String, String)>, minijinja::Error>>()?;
        let component = self.component(asked.question, &asked.question.id, &words, &under)?;
        self.render(&component)
    }

    fn render(&self, component: &Component) -> Result<String, minijinja::Error> {
        let template = self.templates.get_template("parts/component.html")?;
        template.render(minijinja::context! { c => drawn(component) })
    }

    fn component(
        &self,
        question: &Question,
        name: &str,
        words: &Words<'_>,
        under: &[(String, String)],
    ) -> Result<Component, minijinja::Error> {
        let made = match question.kind {
            Kind::YesNo | Kind::YesNoUnsure | Kind::One => {
                component("radios", &self.choices(question, name, words, under))
            }
            Kind::Many | Kind::Files => {
                component("checkboxes", &self.choices(question, name, words, under))
            }
            Kind::Declaration => component("checkboxes", &self.declaration(name, words)),
            Kind::LongText => component("character_count", &self.long_text(question, name, words)),
            Kind::Text
            | Kind::Number
            | Kind::Money
            | Kind::Time
            | Kind::Phone
            | Kind::Email
            | Kind::VehicleRegistration => component("input", &self.line(question, name, words)),
            Kind::Date => component("date_input", &self.date(name, words)),
            Kind::ApproximateDate => component("radios", &self.approximate(name, words)?),
            Kind::Place if self.short => component("textarea", &self.place_in_words(name, words)),
            Kind::Place => component("place", &self.place(question, name, words)),
            Kind::Person => component("parts", &self.person(name, words)),
            Kind::Group => component("group", &self.group(question, name, words)?),
        };
        Ok(made)
    }

    fn error(&self, field: &str) -> Value {
        self.wrong.at(field).map_or(Value::Null, |text| json!({ "text": text }))
    }

    fn choices(
        &self,
        question: &Question,
        name: &str,
        words: &Words<'_>,
        under: &[(String, String)],
    ) -> Value {
        let chosen = self.fields.all(name);
        let item = |choice: &Choice| {
            let mut item = json!({
                "value": choice.value,
                "text": choice.label,
                "checked": chosen.contains(&choice.value),
            });
            if choice.alone
                && let Some(item) = item.as_object_mut()
            {
                item.insert("behaviour".to_owned(), json!("exclusive"));
            }
            let here = under.iter().filter(|(value, _)| *value == choice.value);
            let html: String = here.map(|(_, html)| html.as_str()).collect();
            if !html.is_empty()
                && let Some(item) = item.as_object_mut()
            {
                item.insert("conditional".to_owned(), json!({ "html": html }));
            }
            item
        };
        let mut items: Vec<Value> = question.choices.iter().map(item).collect();
        if question.kind == Kind::Many
            && let Some(at) = question.choices.iter().position(|choice| choice.alone)
        {
            items.insert(at, json!({ "divider": "or" }));
        }
        let few = question.choices.len() <= 3 && under.is_empty();
        let short = question.choices.iter().all(|choice| choice.label.len() <= 12);
        json!({
            "idPrefix": name,
            "name": name,
            "classes": if few && short { "govuk-radios--inline" } else { "" },
            "fieldset": words.fieldset(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "items": items,
        })
    }

    fn declaration(&self, name: &str, words: &Words<'_>) -> Value {
        json!({
            "idPrefix": name,
            "name": name,
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "items": [{ "value": "yes", "text": words.label, "checked": self.fields.get(name) == "yes" }],
        })
    }

    fn long_text(&self, question: &Question, name: &str, words: &Words<'_>) -> Value {
        json!({
            "id": name,
            "name": name,
            "label": words.label(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "value": self.fields.get(name),
            "rows": 6,
            "maxlength": question.limits.max_length,
            // How much is left is said when little is.
            "threshold": 75,
            "spellcheck": true,
            "autocomplete": "off",
        })
    }

    fn line(&self, question: &Question, name: &str, words: &Words<'_>) -> Value {
        let (classes, kind, mode) = match question.kind {
            Kind::Email => ("", "email", None),
            Kind::Phone => ("govuk-input--width-20", "tel", None),
            Kind::Number => ("govuk-input--width-5", "text", Some("numeric")),
            Kind::Money => ("govuk-input--width-10", "text", Some("decimal")),
            Kind::Time => ("govuk-input--width-5", "text", None),
            Kind::VehicleRegistration => ("govuk-input--width-10", "text", None),
            Kind::Text
            | Kind::LongText
            | Kind::YesNo
            | Kind::YesNoUnsure
            | Kind::One
            | Kind::Many
            | Kind::Date
            | Kind::ApproximateDate
            | Kind::Place
            | Kind::Person
            | Kind::Files
            | Kind::Declaration
            | Kind::Group => ("", "text", None),
        };
        let mut options = json!({
            "id": name,
            "name": name,
            "type": kind,
            "classes": classes,
            "label": words.label(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "value": self.fields.get(name),
            "autocomplete": autocomplete(name),
            "spellcheck": question.kind == Kind::Text && autocomplete(name) == "off",
        });
        if let Some(options) = options.as_object_mut() {
            if let Some(mode) = mode {
                options.insert("inputmode".to_owned(), json!(mode));
            }
            if question.kind == Kind::Money {
                options.insert("prefix".to_owned(), json!({ "text": "£" }));
            }
        }
        options
    }

    fn date(&self, name: &str, words: &Words<'_>) -> Value {
        let wrong = if self.wrong.at(name).is_some() { " govuk-input--error" } else { "" };
        let part = |part: &str, width: u8| {
            let id = format!("{name}-{part}");
            json!({
                "id": id,
                "name": id,
                "label": capital(part),
                "classes": format!("govuk-input--width-{width}{wrong}"),
                "value": self.fields.get(&id),
            })
        };
        json!({
            "id": name,
            "fieldset": words.fieldset(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "items": [part("day", 2), part("month", 2), part("year", 4)],
        })
    }

    fn place_in_words(&self, name: &str, words: &Words<'_>) -> Value {
        let field = format!("{name}-how_to_find");
        let error = self.wrong.at(name).or_else(|| self.wrong.at(&field));
        json!({
            "id": field,
            "name": field,
            "rows": 2,
            "label": words.label(),
            "hint": words.hint(),
            "errorMessage": error.map_or(Value::Null, |text| json!({ "text": text })),
            "value": self.fields.get(&field),
            "autocomplete": "off",
        })
    }

    fn place(&self, question: &Question, name: &str, words: &Words<'_>) -> Value {
        let own = question.id == "address";
        let all = [
            ("line1", "Building and street", "", "address-line1"),
            ("town", "Town or city", "govuk-!-width-two-thirds", "address-level2"),
            ("postcode", "Postcode, if you know it", "govuk-input--width-10", "postal-code"),
            ("how_to_find", "How to find it", "", "off"),
        ];
        let shown = all.into_iter().filter(|(part, ..)| !(own && *part == "how_to_find"));
        let inputs = shown.map(|(part, label, classes, autocomplete)| {
            let id = format!("{name}-{part}");
            json!({
                "id": id,
                "name": id,
                "label": { "text": label },
                "classes": classes,
                "errorMessage": self.error(&id),
                "value": self.fields.get(&id),
                "autocomplete": if own { autocomplete } else { "off" },
            })
        });
        let pin = ["latitude", "longitude"].map(|part| {
            let id = format!("{name}-{part}");
            json!({ "id": id, "name": id, "value": self.fields.get(&id) })
        });
        json!({
            "id": name,
            "fieldset": words.fieldset(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "inputs": inputs.collect::<Vec<_>>(),
            "pin": if own { Value::Null } else { json!(pin) },
        })
    }

    fn person(&self, name: &str, words: &Words<'_>) -> Value {
        let inputs = PERSON.map(|part| {
            let id = format!("{name}-{part}");
            json!({
                "id": id,
                "name": id,
                "label": { "text": capital(&part.replace('_', " ")) },
                "errorMessage": self.error(&id),
                "value": self.fields.get(&id),
                "autocomplete": "off",
            })
        });
        json!({
            "id": name,
            "fieldset": words.fieldset(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "inputs": inputs,
        })
    }

    /// One set of fields for each item, and one more where there is none.
    fn group(
        &self,
        question: &Question,
        name: &str,
        words: &Words<'_>,
    ) -> Result<Value, minijinja::Error> {
        let most = question.limits.items_max.unwrap_or(usize::MAX);
        let count = self.fields.items(name).clamp(1, most.max(1));
        let mut items = vec![];
        for at in 0..count {
            let mut html = String::new();
            for inner in &question.questions {
                let words =
                    Words { label: &inner.label, hint: inner.hint.as_deref(), is_heading: false };
                let name = format!("{name}-{at}-{}", inner.id);
                let component = self.component(inner, &name, &words.plain(), &[])?;
                html += &self.render(&component)?;
            }
            items.push(json!({ "number": at + 1, "at": at, "html": html }));
        }
        Ok(json!({
            "id": name,
            "fieldset": words.fieldset(),
            "hint": words.hint(),
            "errorMessage": self.error(name),
            "items": items,
            "one": item_name(question),
            "may_add": count < most,
        }))
    }
}

/// What one item of a group is called: as the form calls it in brief, or what is asked of it first.
fn item_name(question: &Question) -> String {
    let first = question.questions.first().map(|first| &first.label);
    let brief = question.brief.as_ref().filter(|brief| !brief.contains(' '));
    brief.or(first).map_or_else(String::new, |name| name.to_lowercase())
}

/// A question's words, as large as they are meant.
#[derive(Debug)]
struct Words<'a> {
    label: &'a str,
    hint: Option<&'a str>,
    is_heading: bool,
}

impl<'a> Words<'a> {
    /// The same within an item: not a heading.
    fn plain(&self) -> Words<'a> {
        Words { is_heading: false, label: self.label, hint: self.hint }
    }

    fn label(&self) -> Value {
        let classes = if self.is_heading { "govuk-label--l" } else { "govuk-label--s" };
        json!({ "text": self.label, "classes": classes, "isPageHeading": self.is_heading })
    }

    fn fieldset(&self) -> Value {
        let size = if self.is_heading { "l" } else { "s" };
        json!({ "legend": {
            "text": self.label,
            "classes": format!("govuk-fieldset__legend--{size}"),
            "isPageHeading": self.is_heading,
        } })
    }

    fn hint(&self) -> Value {
        self.hint.map_or(Value::Null, |hint| json!({ "text": hint }))
    }
}

/// A component for its template. Its `html` was drawn by our own templates and is markup; whatever else it
/// holds is text.
fn drawn(options: &Value) -> minijinja::Value {
    match options {
        Value::Null => minijinja::Value::UNDEFINED,
        Value::Bool(is) => (*is).into(),
        Value::Number(number) => number
            .as_u64()
            .map_or_else(|| number.as_f64().unwrap_or_default().into(), minijinja::Value::from),
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => list.iter().map(drawn).collect(),
        Value::Object(map) => minijinja::Value::from_pairs(map.iter().map(|(name, value)| {
            let value = match value.as_str().filter(|_| name == "html") {
                Some(html) => minijinja::Value::from_safe_string(html.to_owned()),
                None => drawn(value),
            };
            (name.as_str(), value)
        })),
    }
}

/// What a browser may fill in: the reporter's own name and addresses, nothing about other people.
fn autocomplete(name: &str) -> &'static str {
    match name {
        "name" => "name",
        "email" => "email",
        "phone" => "tel",
        "organisation" => "organization",
        _ => "off",
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}
