//! The forms of the service are read; broken ones are refused with file and line.

use super::{SAMPLE, Words, sample_words};
use crate::domain::form::{Extra, Flag, Form, Page, Question};

#[test]
fn every_form_of_the_service_holds_together() {
    let forms = load().unwrap_or_else(|refused| panic!("{refused}"));
    let crime = forms.get("crime").unwrap();
    assert_eq!((crime.kind.as_str(), crime.version), ("crime", 1));
    assert!(forms.version("crime", 1).is_some() && forms.version("crime", 2).is_none());
}

/// What is asked of somebody who comes back is no report by itself.
#[test]
fn a_form_that_is_not_listed_is_found_and_cannot_be_reported() {
    let forms = load().unwrap();
    assert!(forms.find("again").is_some_and(|form| !form.listed));
    assert!(forms.get("again").is_none() && forms.newest().all(|form| form.listed));
    assert!(forms.find("crime").is_some() && forms.every().count() > forms.newest().count());
}

/// A sign-post may lead to another kind of report, where the force takes it.
#[test]
fn a_choice_leads_to_another_kind_of_report_or_is_not_offered() {
    let form = "kind = \"crime\"\nversion = 1\ntitle = \"A\"\nregime = \"general\"\n\
                published = \"2026-11-25\"\n[[block]]\nid = \"a\"\n[[block.page]]\nid = \"a\"\n\
                title = \"A\"\n[block.page.stop]\ncode = \"sign_post\"\ntitle = \"A\"\nbody = \"A\"\n\
                may_continue = true\n[[block.page.question]]\nid = \"on\"\nkind = \"one\"\n\
                for = \"decide\"\nlabel = \"A\"\nrequired = true\nexample = \"on\"\n\
                error.missing = \"Choose\"\nchoices = [{ value = \"on\", label = \"On\" }, \
                { value = \"off\", label = \"Off\", goes_to = \"rtc\" }]\n";
    let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
    let form = read_with("toy.toml", form, &[]).unwrap();
    let off = serde_json::json!({ "on": "off" });
    let off = off.as_object().unwrap();
    let walked = crate::domain::form::journey(&form, off, now);
    assert_eq!((walked.goes_to, walked.ended, walked.may_submit), (Some("rtc"), true, false));

    let mut forms = super::Forms::new(vec![form]);
    forms.offer(&["crime".to_owned()]);
    let form = forms.get("crime").unwrap();
    assert_eq!(form.question("on").unwrap().choices.len(), 1);
    assert_eq!(crate::domain::form::journey(form, off, now).goes_to, None);
    forms.offer(&[]);
    assert!(forms.get("crime").is_none() && forms.version("crime", 1).is_some());
}

/// Where a sign-post leads to another kind, what both ask is asked alike: the answers go along.
#[test]
fn what_two_kinds_both_ask_is_asked_alike() {
    let forms = load().unwrap();
    let asked = |form: &Form| {
        form.pages().iter().flat_map(|page| page.questions.clone()).collect::<Vec<_>>()
    };
    for form in forms.newest() {
        let questions = asked(form);
        let led = questions.iter().flat_map(|question| &question.choices);
        let led: Vec<&Form> =
            led.filter_map(|choice| forms.get(choice.goes_to.as_deref()?)).collect();
        for question in &questions {
            for other in led.iter().filter_map(|to| to.question(&question.id)) {
                let values = |of: &Question| -> Vec<String> {
                    of.choices.iter().map(|choice| choice.value.clone()).collect()
                };
                assert_eq!(question.kind, other.kind, "{}", question.id);
                assert_eq!(values(question), values(other), "{}", question.id);
            }
        }
    }
}

/// And a form for whoever comes back is one that nobody can choose.
#[test]
fn whoever_comes_back_is_asked_a_form_that_there_is() {
    let forms = load().unwrap();
    for form in forms.newest() {
        assert!(forms.find(&form.again).is_some_and(|again| !again.listed), "{}", form.kind);
    }
    assert_eq!(forms.get("asb").unwrap().again, "diary");
    assert_eq!(forms.get("fraud").unwrap().again, "again");
}

/// A force without a control room does not let people believe that somebody hears them.
#[test]
fn without_a_control_room_nobody_is_told_that_a_form_replaces_a_call() {
    let mut forms = load().unwrap();
    forms.switch_off(Flag::EmergencyCannotCall, "Only a call reaches us.");
    for form in forms.every() {
        let stops = form.pages().iter().filter(|page| page.stop.is_some());
        for page in stops {
            let choices = page.questions.iter().flat_map(|question| &question.choices);
            let offered = choices.into_iter().any(|choice| choice.value == "cannot_call");
            assert!(!offered, "{}", page.id);
        }
        // Nobody is in danger who says thanks.
        let Some(gate) = form.pages().iter().find(|page| page.id == "emergency") else {
            assert_eq!(form.kind, "thanks");
            continue;
        };
        assert!(gate.stop.as_ref().unwrap().body.ends_with("Only a call reaches us."));
        assert_eq!(gate.questions[0].choices.len(), 2);
    }
}

fn load() -> Result<super::Forms, super::Refused> {
    super::load(&sample_words())
}

fn read_with(file: &str, form: &str, blocks: &[(&str, &str)]) -> Result<Form, super::Refused> {
    super::read_with(file, form, blocks, &sample_words())
}

/// What is asked before a report is sent, and what is offered afterwards.
fn all_pages(form: &Form) -> impl Iterator<Item = &Page> {
    form.pages().iter().chain(form.extras().iter().flat_map(Extra::pages))
}

/// Everything that a form says to the public.
fn said(form: &Form) -> Vec<&str> {
    let mut said = vec![form.title.as_str()];
    said.extend(form.extras().iter().map(|extra| extra.title.as_str()));
    for page in all_pages(form) {
        said.push(&page.title);
        said.extend(page.stop.iter().flat_map(|stop| [stop.title.as_str(), stop.body.as_str()]));
        said.extend(page.wordings.iter().map(|wording| wording.text.as_str()));
        for question in &page.questions {
            for asked in std::iter::once(question).chain(&question.questions) {
                said.push(&asked.label);
                said.extend(asked.hint.as_deref());
                said.extend(asked.choices.iter().map(|choice| choice.label.as_str()));
                said.extend(asked.error_texts.iter().map(|(_, text)| text.as_str()));
                for wording in &asked.wordings {
                    said.push(&wording.text);
                    said.extend(wording.hint.as_deref());
                }
            }
        }
    }
    said
}

/// The words that are kept from the public, and the names that belong to settings.
#[test]
fn forms_speak_to_the_public() {
    let words = [
        "suspect",
        "incident",
        "valid",
        "perpetrator",
        "offender",
        "alleged",
        "submit",
        "mandatory",
        "victim",
        "leicester",
        "front counter",
        "unfortunately",
        "simply",
        "genuine",
        "!",
    ];
    for form in load().unwrap().every() {
        for text in said(form) {
            let lower = text.to_lowercase();
            let banned = words.iter().find(|word| lower.contains(**word));
            assert_eq!(banned, None, "{text}");
        }
    }
}

/// What `make demo` and the bench send is what the forms ask for.
#[test]
fn every_sample_can_be_sent() {
    let forms = load().unwrap();
    for sample in [
        include_str!("../../../deploy/local/samples/bicycle.json"),
        include_str!("../../../deploy/local/samples/car.json"),
        include_str!("../../../deploy/local/samples/shed.json"),
    ] {
        let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
        let form = forms.get(sample["kind"].as_str().unwrap()).unwrap();
        let now = jiff::civil::date(2026, 11, 25).at(14, 0, 0, 0);
        let sent = crate::domain::report::check(form, sample["answers"].as_object().unwrap(), now);
        assert!(sent.is_ok(), "{sent:?}");
    }
}

/// The longest that a person can take in at 2am on a small screen.
#[test]
fn sentences_are_short() {
    let forms = load().unwrap();
    let mut long = vec![];
    for form in forms.every() {
        for text in said(form) {
            for sentence in text.split(['.', '?', ':', ';', '\n']) {
                let words = sentence.split_whitespace().count();
                if words > 20 {
                    long.push(sentence);
                }
            }
        }
    }
    assert_eq!(long, [""; 0]);
}

/// Who may honestly not know can say so. What a person decides or has, they know; so it is at a sign-post.
#[test]
fn every_list_of_a_required_question_has_a_way_to_say_that_one_is_not_sure() {
    let known = [
        "emergency",
        "role",
        "ask_more",
        "identity",
        "channel",
        "safe_email",
        "safe_phone",
        "safe_post",
        "acknowledge",
        "reply",
        "money_on",
        "vehicle_on",
        "nuisance_on",
        "towed_on",
        "finance_on",
        "wellbeing_on",
        "too_late_on",
        "reference_on",
        "emergency_late",
        "plate",
        "crime_on",
        "council_on",
        "bank_on",
        "phishing_on",
        "decision_on",
    ];
    let is_sign_post =
        |page: &&Page| page.stop.as_ref().is_some_and(|stop| stop.code == "sign_post");
    for form in load().unwrap().every() {
        let pages = form.pages().iter().filter(|page| !is_sign_post(page));
        let questions = pages.flat_map(|page| &page.questions);
        for question in questions.filter(|asked| asked.required && asked.kind.has_choices()) {
            let unsure = question.choices.iter().any(|choice| choice.value == "unsure");
            assert!(unsure || known.contains(&question.id.as_str()), "{}", question.id);
        }
    }
}

/// The loader holds each against the question: what is taken and what is refused is written down.
#[test]
fn every_question_has_an_example_and_something_that_it_refuses() {
    for form in load().unwrap().every() {
        let questions = all_pages(form).flat_map(|page| &page.questions);
        let without = questions.filter(|question| question.bad_examples.is_empty());
        let without: Vec<&str> = without.map(|question| question.id.as_str()).collect();
        assert_eq!(without, [""; 0]);
    }
}

/// Titles stand in a browser's history and ids in addresses, where the person who did it may look.
#[test]
fn no_title_and_no_id_of_a_page_says_what_happened() {
    let words = [
        "sex", "abus", "assault", "rape", "partner", "hurt", "viol", "stalk", "harass", "threat",
        "hate", "weapon", "drug", "choke", "chok", "afraid", "fear", "control", "pregnan", "kill",
        "police", "burgl", "theft", "robb", "spik",
    ];
    for form in load().unwrap().every() {
        let extras = form.extras().iter().flat_map(|extra| [&extra.id, &extra.title]);
        let titles = all_pages(form).flat_map(|page| {
            let stops = page.stop.iter().map(|stop| &stop.title);
            let worded = page.wordings.iter().map(|wording| &wording.text);
            [&page.id, &page.title].into_iter().chain(stops).chain(worded)
        });
        for told in extras.chain(titles) {
            let lower = told.to_lowercase();
            let said = words.iter().find(|word| lower.contains(**word));
            assert_eq!(said, None, "{told}");
        }
    }
}

/// A page asks few things: what is not opened by an answer on it is not more than a person can take in.
#[test]
fn pages_are_short() {
    for page in load().unwrap().newest().flat_map(Form::pages) {
        let at_once = page.questions.iter().filter(|question| question.when.is_none()).count();
        assert!(at_once <= 4 && page.questions.len() <= 5, "{}", page.id);
    }
}

/// Few things in one go: no extra is longer than two pages of three questions.
#[test]
fn extras_are_short() {
    for form in load().unwrap().every() {
        for extra in form.extras() {
            let most = extra.pages().iter().map(|page| page.questions.len()).max();
            assert!(extra.pages().len() <= 2 && most <= Some(3), "{}", extra.id);
        }
    }
}

/// A form of two pages of its own and one of a block that it uses.
const FORM: &str = r#"kind = "toy"
version = 1
title = "A toy"
regime = "general"
published = "2026-11-23"
[[block]]
id = "first"
[[block.page]]
id = "colour"
title = "Colour"
[[block.page.question]]
id = "colour"
kind = "one"
for = "decide"
label = "Which colour?"
required = true
choices = [{ value = "red", label = "Red" }, { value = "blue", label = "Blue" }]
example = "red"
bad_examples = ["green"]
error.missing = "Choose a colour"
[[block.page]]
id = "shade"
title = "Shade"
when = { question = "colour", is = ["red"] }
[[block.page.question]]
id = "shade"
kind = "text"
for = "record"
label = "Which shade?"
example = "Cherry"
[[block]]
use = "size.v1"
when = { question = "colour", is = ["blue"] }
[[extra]]
id = "more"
title = "Say more about it"
when = { question = "colour", answered = true }
[[extra.page]]
id = "more"
title = "More"
[[extra.page.question]]
id = "weight"
kind = "text"
for = "investigate"
label = "What weight?"
example = "A pound"
"#;

const BLOCK: &str = r#"# A block
[[block]]
id = "size"
[[block.page]]
id = "size"
title = "Size"
[[block.page.question]]
id = "size"
kind = "number"
for = "record"
label = "What size?"
required = true
example = 3
bad_examples = ["three"]
error.missing = "Tell us the size"
"#;

fn toy(form: &str, block: &str) -> Result<Vec<String>, String> {
    let form = read_with("forms/toy.v1.toml", form, &[("forms/blocks/size.v1.toml", block)]);
    form.map(|form| form.pages().iter().map(|page| page.id.clone()).collect())
        .map_err(|refused| refused.to_string())
}

#[test]
fn a_form_has_the_pages_of_the_blocks_that_it_uses() {
    assert_eq!(toy(FORM, BLOCK).unwrap(), ["colour", "shade", "size"]);
    let form = read_with("toy", FORM, &[("forms/blocks/size.v1.toml", BLOCK)]).unwrap();
    for (colour, sent) in [("red", false), ("blue", true)] {
        let answers = serde_json::json!({ "colour": colour, "size": 3 });
        let now = jiff::civil::date(2026, 11, 24).at(14, 0, 0, 0);
        let journey = crate::domain::form::journey(&form, answers.as_object().unwrap(), now);
        assert_eq!(journey.page("size").is_some(), sent, "a block is asked when its form says so");
    }
}

/// One idea for all blocks: what is asked when the form is its short self.
#[test]
fn a_short_form_asks_what_stands_before_it_and_what_is_part_of_it() {
    let short = "published = \"2026-11-23\"\nshort = { question = \"colour\", is = [\"red\"] }";
    let form = FORM.replacen("published = \"2026-11-23\"", short, 1);
    let (always, short) = ("asked = \"always\"\n", "asked = \"short\"\n");
    for (block, asked, colour, pages) in [
        ("", "", "blue", vec!["colour", "shade", "size"]),
        ("", "", "red", vec!["colour"]),
        (always, "", "red", vec!["colour", "shade"]),
        ("", short, "red", vec!["colour", "size"]),
        ("", short, "blue", vec!["colour", "shade"]),
    ] {
        // The page "shade" stands in the same block, behind the answer that shortens the form.
        let form = form
            .replacen("id = \"first\"\n", &format!("id = \"first\"\n{block}"), 1)
            .replacen("when = { question = \"colour\", is = [\"blue\"] }\n", asked, 1)
            .replacen("when = { question = \"colour\", is = [\"red\"] }", "", 1);
        let form = read_with("toy", &form, &[("forms/blocks/size.v1.toml", BLOCK)]).unwrap();
        let given = serde_json::json!({ "colour": colour, "size": 3 });
        let now = jiff::civil::date(2026, 11, 24).at(14, 0, 0, 0);
        let journey = crate::domain::form::journey(&form, given.as_object().unwrap(), now);
        let path: Vec<_> = journey.path.iter().map(|page| page.id.as_str()).collect();
        assert_eq!((path, journey.short), (pages, colour == "red"), "{block}{asked}");
    }
}

#[test]
fn a_short_form_may_begin_with_what_an_answer_raises() {
    let short = "published = \"2026-11-23\"\nshort = { flag = \"safeguarding\" }";
    let raises = "example = \"red\"\nraises = [{ is = [\"red\"], flags = [\"safeguarding\"] }]";
    let form = FORM.replacen("published = \"2026-11-23\"", short, 1);
    let form = form.replacen("example = \"red\"", raises, 1);
    let fault = "no answers lead to the page \"shade\"";
    assert!(toy(&form, BLOCK).unwrap_err().contains(fault), "red is the end of it");
    let form = form.replacen("when = { question = \"colour\", is = [\"red\"] }\n", "", 1);
    assert_eq!(toy(&form, BLOCK).unwrap(), ["colour", "shade", "size"]);
}

/// What is broken, one change to the form or to the block, and the refusal.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (
        "a condition on a question that nobody asks",
        "when = { question = \"colour\", is = [\"red\"] }",
        "when = { question = \"color\", is = [\"red\"] }",
        "forms/toy.v1.toml:24: the condition looks at \"color\", which the form does not ask",
    ),
    (
        "a condition on an answer that cannot be given",
        "is = [\"red\"]",
        "is = [\"green\"]",
        "forms/toy.v1.toml:24: \"green\" is not a choice of \"colour\"",
    ),
    (
        "a condition on a flag that there is not",
        "when = { question = \"colour\", is = [\"red\"] }",
        "when = { flag = \"urgent\" }",
        "forms/toy.v1.toml:24: \"urgent\" is not a flag",
    ),
    (
        "a condition on a flag that nothing raises before",
        "when = { question = \"colour\", is = [\"red\"] }",
        "when = { flag = \"restricted\" }",
        "forms/toy.v1.toml:24: the condition looks at \"restricted\", which no answer before it raises",
    ),
    (
        "a flag raised because of a question that nobody asks",
        "error.missing = \"Tell us the size\"\n",
        "error.missing = \"Tell us the size\"\nraises = [{ is = [], flags = [], when = { question = \"age\", answered = true } }]\n",
        "forms/blocks/size.v1.toml:16: the condition looks at \"age\", which the form does not ask",
    ),
    (
        "a loop: each of two pages is asked because of the other",
        "title = \"Colour\"",
        "title = \"Colour\"\nwhen = { question = \"shade\", answered = true }",
        "forms/toy.v1.toml:11: the condition looks at \"shade\", which is only asked later",
    ),
    (
        "a page that is asked because of itself",
        "when = { question = \"colour\", is = [\"red\"] }",
        "when = { question = \"shade\", answered = true }",
        "forms/toy.v1.toml:24: the condition looks at \"shade\", which is only asked later",
    ),
    (
        "a page to which no answers lead",
        "is = [\"red\"] }",
        "answered = false }",
        "forms/toy.v1.toml:21: no answers lead to the page \"shade\"",
    ),
    (
        "a page of a block to which no answers of its form lead",
        "title = \"Size\"",
        "title = \"Size\"\nwhen = { question = \"colour\", is = [\"red\"] }",
        "forms/blocks/size.v1.toml:4: no answers lead to the page \"size\"",
    ),
    (
        "a required question that does not say what to do without an answer",
        "error.missing = \"Choose a colour\"\n",
        "",
        "forms/toy.v1.toml:11: \"colour\" is required and does not say what to do when it is missing",
    ),
    (
        "the same in a block",
        "error.missing = \"Tell us the size\"\n",
        "",
        "forms/blocks/size.v1.toml:7: \"size\" is required and does not say what to do when it is missing",
    ),
    (
        "an example that would be refused",
        "example = \"red\"",
        "example = \"green\"",
        "forms/toy.v1.toml:11: the example of \"colour\" would be refused at \"\": Choose one of the answers",
    ),
    (
        "a counter-example that would be taken",
        "bad_examples = [\"three\"]",
        "bad_examples = [4]",
        "forms/blocks/size.v1.toml:7: \"size\" would take the bad example 4",
    ),
    (
        "a question that a block asks again",
        "id = \"size\"\nkind",
        "id = \"shade\"\nkind",
        "forms/blocks/size.v1.toml:7: the question \"shade\" is asked in more than one place",
    ),
    (
        "a block that is not there",
        "use = \"size.v1\"",
        "use = \"size.v2\"",
        "forms/toy.v1.toml:32: there is no shared block \"size.v2\"",
    ),
    (
        "a block that uses another",
        "[[block]]\nid = \"size\"",
        "[[block]]\nuse = \"size.v1\"\n[[block]]\nid = \"size\"",
        "forms/blocks/size.v1.toml:2: a block has an id and pages; a form's block may use a shared one instead",
    ),
    (
        "a block that has pages and uses others",
        "id = \"first\"",
        "use = \"size.v1\"",
        "forms/toy.v1.toml:6: a block has an id and pages; a form's block may use a shared one instead",
    ),
    (
        "a short form that begins with a question that nobody asks",
        "published = \"2026-11-23\"",
        "published = \"2026-11-23\"\nshort = { question = \"age\", answered = true }",
        "forms/toy.v1.toml:6: the condition looks at \"age\", which the form does not ask",
    ),
    (
        "a short form that begins with an answer that cannot be given",
        "published = \"2026-11-23\"",
        "published = \"2026-11-23\"\nshort = { question = \"colour\", is = [\"green\"] }",
        "forms/toy.v1.toml:6: \"green\" is not a choice of \"colour\"",
    ),
    (
        "a part of a short form that there is not",
        "use = \"size.v1\"",
        "use = \"size.v1\"\nasked = \"short\"",
        "forms/toy.v1.toml:33: the form does not say when it is its short self",
    ),
    (
        "a block that is asked in no known form",
        "id = \"first\"",
        "id = \"first\"\nasked = \"long\"",
        "forms/toy.v1.toml:8: \"long\" is not how something is asked: full, short or always",
    ),
    (
        "a shared block that says when it is asked",
        "[[block]]\nid = \"size\"",
        "[[block]]\nasked = \"full\"\nid = \"size\"",
        "forms/blocks/size.v1.toml:3: the form that uses a shared block says when it is asked",
    ),
    (
        "other words for nobody in particular",
        "example = \"Cherry\"",
        "example = \"Cherry\"\n[[block.page.question.wording]]\nlabel = \"Which tint?\"",
        "forms/toy.v1.toml:31: another wording says when it fits, or asked = \"short\"",
    ),
    (
        "an extra that holds somebody up",
        "label = \"What weight?\"",
        "label = \"What weight?\"\nrequired = true\nerror.missing = \"Tell us\"",
        "forms/toy.v1.toml:41: \"weight\" is required in an extra: nothing is, once a report is sent",
    ),
    (
        "a question that is only counted and is asked before sending",
        "for = \"record\"\nlabel = \"Which shade?\"",
        "for = \"statistics\"\nlabel = \"Which shade?\"",
        "forms/toy.v1.toml:25: \"shade\" is for statistics: such a question is asked in an extra",
    ),
    (
        "an extra that looks at a question that nobody asks",
        "when = { question = \"colour\", answered = true }",
        "when = { question = \"age\", answered = true }",
        "forms/toy.v1.toml:37: the condition looks at \"age\", which the form does not ask",
    ),
    (
        "an extra that hangs on itself",
        "when = { question = \"colour\", answered = true }",
        "when = { question = \"weight\", answered = true }",
        "forms/toy.v1.toml:37: the condition looks at \"weight\", which is only asked later",
    ),
    (
        "an extra that is offered to nobody",
        "when = { question = \"colour\", answered = true }",
        "when = { question = \"colour\", answered = false }",
        "forms/toy.v1.toml:38: no answers lead to the page \"more\"",
    ),
    (
        "an extra that has no name",
        "title = \"Say more about it\"",
        "",
        "forms/toy.v1.toml:34: an extra has an id, a title and pages; a form's may use a shared one",
    ),
    (
        "an extra that asks again what was asked",
        "id = \"weight\"",
        "id = \"colour\"",
        "forms/toy.v1.toml:41: the question \"colour\" is asked in more than one place",
    ),
    (
        "an extra whose question is called what staff's are",
        "id = \"weight\"",
        "id = \"q2\"",
        "forms/toy.v1.toml:41: \"q2\" is what a question of staff is called",
    ),
    (
        "an extra whose example would be refused",
        "example = \"A pound\"",
        "example = 7",
        "forms/toy.v1.toml:41: the example of \"weight\" would be refused at \"\"",
    ),
    (
        "a block that is used as an extra",
        "[[extra]]\nid = \"more\"",
        "[[extra]]\nuse = \"size.v1\"\n[[extra]]\nid = \"more\"",
        "forms/toy.v1.toml:35: \"size.v1\" is a block where an extra is used, or an extra where a block is",
    ),
    (
        "a word that the force does not have",
        "label = \"Which shade?\"",
        "label = \"Which shade?\"\nhint = \"Call {tlak}\"",
        "forms/toy.v1.toml:30: the force has no word for \"{tlak}\"",
    ),
    (
        "a placeholder without an end",
        "title = \"Shade\"",
        "title = \"Shade {talk\"",
        "forms/toy.v1.toml:23: a placeholder that begins here has no end",
    ),
    (
        "a placeholder in the third line of a text of a block",
        "error.missing = \"Tell us the size\"",
        "error.missing = \"\"\"\nTell us the size {talk}\nor not {tlak}\"\"\"",
        "forms/blocks/size.v1.toml:17: the force has no word for \"{tlak}\"",
    ),
    (
        "a placeholder in a choice",
        "label = \"Blue\"",
        "label = \"{blue}\"",
        "forms/toy.v1.toml:17: the force has no word for \"{blue}\"",
    ),
    (
        "a brace too many in the name of an extra",
        "title = \"Say more about it\"",
        "title = \"Say more to {force}}\"",
        "forms/toy.v1.toml:36: a brace closes nothing here",
    ),
    (
        "a setting of a block that does not exist",
        "for = \"record\"\nlabel = \"What size?\"",
        "for = \"record\"\nlegend = \"What size?\"",
        "forms/blocks/size.v1.toml:11: unknown field `legend`",
    ),
    (
        "words that stand for nothing in a block",
        "kind = \"number\"",
        "kind = \"size\"",
        "forms/blocks/size.v1.toml:9: \"size\" is not a kind of question",
    ),
];

#[test]
fn a_broken_form_is_refused_with_file_and_line() {
    for (what, from, to, fault) in BROKEN {
        let (in_form, in_block) = (FORM.contains(*from), BLOCK.contains(*from));
        assert!(in_form != in_block, "{what}: {from} must stand in one of the files");
        let refused = toy(&FORM.replacen(from, to, 1), &BLOCK.replacen(from, to, 1)).unwrap_err();
        assert!(refused.lines().any(|line| line.starts_with(*fault)), "{what}: {refused}");
    }
}

#[test]
fn faults_of_all_files_are_told_at_once() {
    let form = FORM.replace("error.missing = \"Choose a colour\"\n", "");
    let block = BLOCK.replace("example = 3", "example = \"3\"");
    let refused = toy(&form, &block).unwrap_err();
    let files: Vec<_> = refused.lines().filter_map(|line| line.split_once(':')).collect();
    assert_eq!(files.len(), 2, "{refused}");
    assert!(
        files[0].0.ends_with("toy.v1.toml") && files[1].0.ends_with("size.v1.toml"),
        "{refused}"
    );
}

/// A force that leaves a word out is told which, and every word is used.
#[test]
fn the_forms_need_each_word_of_the_sample_and_no_other() {
    for (name, _) in SAMPLE {
        let mut words: Words = sample_words();
        words.said.remove(*name);
        let refused = super::load(&words).map(|_| ()).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("the force has no word for \"{{{name}}}\"")),
            "{refused}"
        );
    }
    let forms = load().unwrap();
    let counted = forms.get("crime").unwrap().extras().iter().find(|extra| extra.id == "counted");
    let question = &counted.unwrap().pages()[0].questions[0];
    assert_eq!(question.choices[0].label, "Called 101");
}

/// Somebody began with one version and goes on with it, whatever was published meanwhile.
#[test]
fn a_draft_keeps_the_version_that_it_began_with() {
    let (file, text) = super::files().find(|(file, _)| *file == "forms/crime.v1.toml").unwrap();
    let later = text.replacen("version = 1", "version = 2", 1).replacen(
        "label = \"Was anything damaged?\"",
        "label = \"Was anything damaged or spoilt?\"",
        1,
    );
    let words = sample_words();
    let first = super::read(file, text, &words).unwrap();
    let later = super::read(file, &later, &words).unwrap();
    let label = |form: &Form| form.question("damaged").unwrap().label.clone();
    let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
    let answers = crate::domain::form::examples(&first);
    let forms = super::Forms::new(vec![first, later]);

    let newest = forms.get("crime").unwrap();
    let begun = forms.version("crime", 1).unwrap();

    assert_eq!((newest.version, begun.version), (2, 1));
    assert_eq!(label(newest), "Was anything damaged or spoilt?");
    assert_eq!(label(begun), "Was anything damaged?");
    assert!(crate::domain::form::journey(begun, &answers, now).complete);
}
