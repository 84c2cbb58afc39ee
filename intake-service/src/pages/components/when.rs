//! When something happened: how well it is known, and under each choice what more there is to say.

use minijinja::Error;
use serde_json::{Value, json};

use super::{Drawing, Words, component};

const CHOICES: [(&str, &str); 7] = [
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("exact", "Another day"),
    ("between", "Between two times"),
    ("about", "I only know roughly"),
    ("period", "It went on for some time"),
    ("unsure", "I am not sure"),
];
const TIME: &str = "About what time, like 6:30pm (optional)";

impl Drawing<'_> {
    pub(super) fn approximate(&self, name: &str, words: &Words<'_>) -> Result<Value, Error> {
        let field = format!("{name}-known");
        let chosen = self.fields.get(&field);
        let mut items = vec![];
        for (value, label) in CHOICES {
            let mut item = json!({ "value": value, "text": label, "checked": chosen == value });
            let html = self.under(name, value)?;
            if !html.is_empty()
                && let Some(item) = item.as_object_mut()
            {
                item.insert("conditional".to_owned(), json!({ "html": html }));
            }
            items.push(item);
        }
        let error = self.wrong.at(&field).or_else(|| self.wrong.at(name));
        Ok(json!({
            "idPrefix": field,
            "name": field,
            "fieldset": words.fieldset(),
            "hint": words.hint(),
            "errorMessage": error.map_or(Value::Null, |text| json!({ "text": text })),
            "items": items,
        }))
    }

    /// The fields under one choice.
    fn under(&self, name: &str, known: &str) -> Result<String, Error> {
        let field = |part: &str| format!("{name}-{known}-{part}");
        let short = "govuk-input--width-5";
        Ok(match known {
            "today" | "yesterday" => self.one_line(&field("time"), TIME, short)?,
            "exact" => {
                self.day(&field("date"), "Which day?")?
                    + &self.one_line(&field("time"), TIME, short)?
            }
            "between" => {
                self.day(&field("from"), "After this day")?
                    + &self.one_line(&field("from-time"), "and time (optional)", short)?
                    + &self.day(&field("to"), "Before this day")?
                    + &self.one_line(&field("to-time"), "and time (optional)", short)?
            }
            "period" => {
                self.day(&field("from"), "It began about")?
                    + &self.day(&field("to"), "It ended about (leave empty if it goes on)")?
            }
            "about" => {
                let label = "About when? Like: the week before Easter";
                self.one_line(&field("words"), label, "")?
            }
            _ => String::new(),
        })
    }

    fn one_line(&self, field: &str, label: &str, classes: &str) -> Result<String, Error> {
        let options = json!({
            "id": field,
            "name": field,
            "classes": classes,
            "label": { "text": label },
            "errorMessage": self.error(field),
            "value": self.fields.get(field),
            "autocomplete": "off",
        });
        self.render(&component("input", &options))
    }

    fn day(&self, field: &str, label: &str) -> Result<String, Error> {
        let options = self.date(field, &Words { label, hint: None, is_heading: false });
        self.render(&component("date_input", &options))
    }
}
