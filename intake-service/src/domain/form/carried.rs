//! What is kept when somebody goes on with another kind of report.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::model::{Form, Kind, Purpose, Question};
use super::walk::walk;

/// The answers to `from` that `to` asks for, too, and would take as they are. A declaration is made anew:
/// it is about the whole.
#[must_use]
pub fn carried_over(
    from: &Form,
    to: &Form,
    answers: &Map<String, Value>,
    now: DateTime,
) -> Map<String, Value> {
    let given = walk(from, answers, now).entries.into_iter().filter(|entry| entry.answer.is_some());
    let asks_too = |question: &Question, value: &Value| {
        let same = to.question(&question.id).filter(|other| {
            // What keeps people safe was answered to these very words, or not at all.
            let same_words = other.label == question.label;
            other.kind == question.kind && (same_words || question.purpose != Purpose::Safety)
        });
        same.is_some_and(|other| other.read(value, now, false).is_ok())
    };
    let kept = given.filter_map(|entry| {
        let question = entry.question;
        let value = answers.get(&question.id)?;
        let is_kept = question.kind != Kind::Declaration && asks_too(question, value);
        is_kept.then(|| (question.id.clone(), value.clone()))
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::form::tests::now;
    use crate::forms::{read_with, sample_words};

    fn form(kind: &str, questions: &str) -> Form {
        let text = format!(
            "kind = \"{kind}\"\nversion = 1\ntitle = \"A\"\nregime = \"general\"\n\
             published = \"2026-11-25\"\n[[block]]\nid = \"a\"\n[[block.page]]\nid = \"a\"\n\
             title = \"A\"\n{questions}"
        );
        read_with("toy.toml", &text, &[], &sample_words()).unwrap()
    }

    fn question(id: &str, kind: &str, more: &str) -> String {
        format!(
            "[[block.page.question]]\nid = \"{id}\"\nkind = \"{kind}\"\nfor = \"decide\"\n\
             label = \"A\"\n{more}\n"
        )
    }

    fn safety(id: &str, label: &str) -> String {
        let text = question(id, "yes_no", "example = \"no\"\nbad_examples = [\"maybe\"]");
        text.replace("\"decide\"", "\"safety\"")
            .replace("label = \"A\"", &format!("label = \"{label}\""))
    }

    #[test]
    fn what_both_ask_is_kept_and_nothing_else() {
        let choices = |values: &str| {
            format!("choices = [{values}]\nexample = \"red\"\nbad_examples = [\"grey\"]")
        };
        let red = "{ value = \"red\", label = \"Red\" }, { value = \"blue\", label = \"Blue\" }";
        let more = format!("{red}, {{ value = \"green\", label = \"Green\" }}");
        let text = "example = \"Words\"";
        let from = [
            question("what", "long_text", text),
            question("name", "text", text),
            question("colour", "one", &choices(&more)),
            question(
                "hidden",
                "text",
                &format!("{text}\nwhen = {{ question = \"colour\", is = [\"red\"] }}"),
            ),
            question("own", "text", text),
            question("truth", "declaration", "example = true"),
            safety("near", "Is somebody near?"),
            safety("afraid", "Are you afraid?"),
        ];
        let to = [
            question("what", "long_text", &format!("{text}\nlimits = {{ max_length = 10 }}")),
            question("name", "long_text", text),
            question("colour", "one", &choices(red)),
            question("hidden", "text", text),
            question("truth", "declaration", "example = true"),
            safety("near", "Is anything near?"),
            safety("afraid", "Are you afraid?"),
        ];
        let (from, to) = (form("crime", &from.concat()), form("asb", &to.concat()));
        let check = |answers: Value, then: Value| {
            let kept = carried_over(&from, &to, answers.as_object().unwrap(), now());
            assert_eq!(Value::Object(kept), then);
        };
        // Another kind of question, one that only the first asks, and what has to be said anew.
        check(
            json!({ "what": "It was red", "name": "Alex", "own": "x", "truth": true }),
            json!({ "what": "It was red" }),
        );
        check(json!({ "colour": "blue" }), json!({ "colour": "blue" }));
        // Of what keeps people safe, what was asked in the same words alone.
        check(json!({ "near": "no", "afraid": "no" }), json!({ "afraid": "no" }));
        // What the other would refuse.
        check(json!({ "colour": "green", "what": "It was all red" }), json!({}));
        // What stands off the path was not said.
        check(json!({ "colour": "blue", "hidden": "x" }), json!({ "colour": "blue" }));
        check(json!({ "colour": "red", "hidden": "x" }), json!({ "colour": "red", "hidden": "x" }));
    }
}
