//! Forms, journeys and refusals as the JSON that other people's programs read.

use serde_json::{Map, Value, json};

use crate::domain::form::{
    Day, Extra, FieldError, Form, Journey, Limits, Page, PageView, Question, QuestionView, Stop,
};

/// A whole form: every page with every question, whether or not a journey leads to it, and what is
/// offered afterwards.
#[must_use]
pub fn definition(form: &Form) -> Value {
    let pages: Vec<Value> = form.pages().iter().map(whole_page).collect();
    let extras: Vec<Value> = form.extras().iter().map(extra).collect();
    json!({
        "kind": form.kind,
        "version": form.version,
        "title": form.title,
        "opening": form.opening,
        "again": form.again,
        "pages": pages,
        "extras": extras,
    })
}

/// What may be told once a report is sent, under the name that it is offered by.
fn extra(extra: &Extra) -> Value {
    let pages: Vec<Value> = extra.pages().iter().map(whole_page).collect();
    json!({ "id": extra.id, "title": extra.title, "pages": pages })
}

/// The state of a journey; `next` and `stop` are null where there is none.
#[must_use]
pub fn journey(journey: &Journey<'_, '_>) -> Value {
    let path: Vec<&str> = journey.path.iter().map(|page| page.id.as_str()).collect();
    json!({
        "complete": journey.complete,
        "may_submit": journey.may_submit,
        "path": path,
        "next": journey.next.as_ref().map(page),
        "stop": journey.stop.map(stop),
        "goes_to": journey.goes_to,
        "errors": errors(&journey.errors),
    })
}

/// One page as it is asked after the answers so far.
#[must_use]
pub fn page(page: &PageView<'_>) -> Value {
    let questions: Vec<Value> = page.questions.iter().map(asked).collect();
    json!({ "id": page.page.id, "title": page.title, "questions": questions })
}

/// Refusals, for `errors` of a problem answer.
#[must_use]
pub fn errors(errors: &[FieldError]) -> Value {
    let error = |error: &FieldError| json!({ "pointer": error.pointer, "code": error.code.as_str(), "detail": error.detail });
    errors.iter().map(error).collect()
}

fn whole_page(page: &Page) -> Value {
    let questions: Vec<Value> = page.questions.iter().map(as_written).collect();
    json!({ "id": page.id, "title": page.title, "questions": questions })
}

fn stop(stop: &Stop) -> Value {
    json!({
        "code": stop.code,
        "title": stop.title,
        "body": stop.body,
        "may_continue": stop.may_continue,
    })
}

fn asked(view: &QuestionView<'_>) -> Value {
    question(view.question, view.label, view.hint, view.required)
}

/// A question in its own words, whatever was answered before.
#[must_use]
pub fn as_written(written: &Question) -> Value {
    question(written, &written.label, written.hint.as_deref(), written.required)
}

fn question(of: &Question, label: &str, hint: Option<&str>, required: bool) -> Value {
    let choices = of.choices.iter().map(|choice| {
        let mut written = json!({ "value": choice.value, "label": choice.label });
        if let Some(fields) = written.as_object_mut().filter(|_| choice.ends) {
            fields.insert("ends".to_owned(), Value::from(true));
        }
        written
    });
    json!({
        "id": of.id,
        "kind": of.kind.as_str(),
        "label": label,
        "hint": hint,
        "required": required,
        "choices": choices.collect::<Vec<_>>(),
        "limits": limits(&of.limits),
        "example": of.example,
        "questions": of.questions.iter().map(as_written).collect::<Vec<_>>(),
    })
}

/// Only the limits that apply. A day is a date, or "today": the day on which somebody answers.
fn limits(limits: &Limits) -> Value {
    let day = |day: Day| match day {
        Day::On(date) => Value::from(date.to_string()),
        Day::Today => Value::from("today"),
    };
    let all = [
        ("min_length", limits.min_length.map(Value::from)),
        ("max_length", limits.max_length.map(Value::from)),
        ("min", limits.min.map(Value::from)),
        ("max", limits.max.map(Value::from)),
        ("not_before", limits.not_before.map(day)),
        ("not_after", limits.not_after.map(day)),
        ("items_min", limits.items_min.map(Value::from)),
        ("items_max", limits.items_max.map(Value::from)),
    ];
    let given = all.into_iter().filter_map(|(name, limit)| Some((name.to_owned(), limit?)));
    Value::Object(given.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use crate::domain::form::journey as walk;
    use crate::forms::{load, sample_words};

    fn questions_of(definition: &Value) -> impl Iterator<Item = &Value> {
        let pages = definition["pages"].as_array().unwrap();
        pages.iter().flat_map(|page| page["questions"].as_array().unwrap())
    }

    #[test]
    fn a_definition_has_every_page_and_the_fields_that_clients_read() {
        let forms = load(&sample_words()).unwrap();
        let definition = super::definition(forms.get("crime").unwrap());
        assert_eq!(definition["kind"], "crime");
        assert_eq!(definition["version"], 1);
        let on = questions_of(&definition).find(|question| question["id"] == "money_on").unwrap();
        assert_eq!(on["choices"][1], json!({ "value": "on", "label": "Go on with this form" }));
        assert_eq!(on["choices"][2]["ends"], true);
        let serials = &definition["extras"][0];
        assert_eq!(
            (&serials["id"], &serials["title"]),
            (&json!("serials"), &json!("Add serial numbers"))
        );
        assert_eq!(serials["pages"][0]["questions"][0]["required"], false);
        let questions: Vec<&Value> = questions_of(&definition).collect();
        let what = questions.iter().find(|question| question["id"] == "what").unwrap();
        assert_eq!(what["limits"], json!({ "max_length": 5000 }));
        let danger = questions.iter().find(|question| question["id"] == "danger").unwrap();
        assert_eq!(danger["choices"][2], json!({ "value": "unsure", "label": "I am not sure" }));
        let items = questions.iter().find(|question| question["id"] == "items").unwrap();
        assert_eq!(items["questions"][2]["kind"], "money");
        for question in questions {
            let fields: Vec<&String> = question.as_object().unwrap().keys().collect();
            assert_eq!(fields.len(), 9, "{question}");
        }
    }

    #[test]
    fn a_journey_has_null_where_there_is_nothing() {
        let forms = load(&sample_words()).unwrap();
        let given = json!({ "now": "yes", "danger": "no", "what": 7 });
        let now = date(2026, 11, 24).at(14, 0, 0, 0);
        let form = forms.get("crime").unwrap();
        let journey = super::journey(&walk(form, given.as_object().unwrap(), now));
        assert_eq!(journey["path"], json!(["now", "emergency"]));
        assert_eq!(journey["stop"]["code"], "call_999");
        assert_eq!(journey["next"]["questions"][0]["id"], "emergency");
        assert_eq!(
            journey["errors"][0],
            json!({
                "pointer": "/answers/what", "code": "wrong_type", "detail": "Write this answer as words",
            })
        );
        let given = crate::domain::form::examples(form);
        let journey = super::journey(&walk(form, &given, now));
        assert_eq!((&journey["next"], &journey["stop"]), (&Value::Null, &Value::Null));
        assert_eq!((&journey["complete"], &journey["may_submit"]), (&json!(true), &json!(true)));
    }
}
