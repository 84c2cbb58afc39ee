//! The shapes that several operations share.

use serde_json::{Map, Value, json};

use super::operation::shape;
use crate::domain::form::Form;
use crate::evidence::{Refused, State};
use crate::forms::Forms;
use crate::http::add_details::TEXT_MAX;
use crate::http::add_evidence::ABOUT_CHARS_MAX;
use crate::http::report_found::WHERE_MAX;
use crate::receipts;

/// All of them, by name.
pub(super) fn all(forms: &Forms) -> Value {
    let kinds: Vec<&str> = forms.every().map(|form: &Form| form.kind.as_str()).collect();
    let mut all = Map::new();
    for group in [problem(), questions(), sending(forms), coming_back(), files(), receipts()] {
        if let Value::Object(shapes) = group {
            all.extend(shapes);
        }
    }
    all.insert("AnyKind".to_owned(), json!({ "type": "string", "enum": kinds }));
    all.into()
}

/// An object that has these members and no others; those with a `?` behind their name may be missing.
fn object(words: &str, members: &[(&str, Value)]) -> Value {
    let required: Vec<&str> =
        members.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let members =
        members.iter().map(|(name, of)| (name.trim_end_matches('?').to_owned(), of.clone()));
    json!({
        "type": "object",
        "description": words,
        "required": required,
        "properties": members.collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}

fn text(words: &str) -> Value {
    json!({ "type": "string", "description": words })
}

fn time(words: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": words })
}

fn list(words: &str, of: &Value) -> Value {
    json!({ "type": "array", "description": words, "items": of })
}

fn is(words: &str) -> Value {
    json!({ "type": "boolean", "description": words })
}

/// The same, or null.
fn or_null(schema: &Value, words: &str) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }], "description": words })
}

fn problem() -> Value {
    let fault = json!({
        "pointer": "/answers/what", "code": "missing", "detail": "Tell us what happened",
    });
    let example = json!({
        "type": "/problems/answers_wrong",
        "title": "Please check what you sent",
        "status": 422,
        "code": "answers_wrong",
        "detail": "Some answers are missing or cannot be taken as they are. Nothing was sent.",
        "errors": [fault],
    });
    let mut problem = object(
        "A refusal or failure (RFC 9457)",
        &[
            ("type", text("`/problems/` and the code")),
            ("title", text("The status in words")),
            ("status", json!({ "type": "integer", "description": "The answer's status" })),
            ("code", text("A word that a program can act on; new ones may be added")),
            ("detail", text("A sentence that tells a person what to do")),
            ("errors?", list("Each thing that is wrong with the body", &shape("Fault"))),
        ],
    );
    if let Some(members) = problem.as_object_mut() {
        members.insert("examples".to_owned(), json!([example]));
    }
    json!({
        "Problem": problem,
        "Fault": object("One thing that is wrong, and where", &[
            ("pointer", text("A JSON pointer into the body: `/answers/what`. Empty: the body as a whole")),
            ("code", text("A word that a program can act on: `missing`, `too_long`, `not_a_date` and others; new ones may be added")),
            ("detail", text("A sentence that tells a person what to do, in the question's own words")),
        ]),
    })
}

fn questions() -> Value {
    json!({
        "FormList": object("The kinds of report that can be sent", &[
            ("items", list("One for each kind", &object("A form", &[
                ("kind", text("Its name in requests")),
                ("version", json!({ "type": "integer", "minimum": 1, "description": "Raised whenever what is asked changes" })),
                ("title", text("Its name for people")),
            ]))),
        ]),
        "Form": object("Every page with every question, whether or not a journey leads to it", &[
            ("kind", text("Its name in requests")),
            ("version", json!({ "type": "integer", "minimum": 1, "description": "Raised whenever what is asked changes" })),
            ("title", text("Its name for people")),
            ("opening", or_null(&text("In lines"), "What is good to know before it begins")),
            ("again", text("The kind of the form for whoever comes back to such a report")),
            ("continues", is("After some answers what is sent is the first part: the rest follows with `details`, until they say `finished`")),
            ("pages", list("In the order in which they are asked", &shape("Page"))),
            ("extras", list("What may be told afterwards, with `details`", &object("An offer", &[
                ("id", text("Its name in a journey's `extras`")),
                ("title", text("Its name for people")),
                ("pages", list("What it asks", &shape("Page"))),
            ]))),
        ]),
        "Page": object("Questions that are asked together", &[
            ("id", text("Its name in a journey's `path`")),
            ("title", text("Its heading")),
            ("questions", list("What it asks. None: it only says something", &shape("Question"))),
        ]),
        "Question": object("A question, and what its answer may be", &[
            ("id", text("The name of the answer in `answers`")),
            ("kind", kind()),
            ("label", text("The question")),
            ("hint", json!({ "type": ["string", "null"], "description": "What helps to answer it" })),
            ("required", is("Whether it must be answered on this page. A form's definition says what holds where nothing was answered yet")),
            ("choices", list("What can be chosen", &object("A choice", &[
                ("value", text("The answer")),
                ("label", text("What it means")),
                ("ends?", is("Whoever chooses it goes elsewhere: the report cannot be sent")),
            ]))),
            ("limits", limits()),
            ("example", json!({ "description": "One valid answer" })),
            ("questions", list("Of a `group`: what each item of the list answers", &shape("Question"))),
        ]),
        "Journey": object("Where somebody with these answers stands", &[
            ("complete", is("Every question on the path is answered well")),
            ("may_submit", is("It can be sent")),
            ("path", list("The ids of the pages so far, in order; the one in `next` is the last", &text("A page"))),
            ("next", or_null(&shape("Page"), "The page that is asked next; null where there is none")),
            ("stop", or_null(&shape("Stop"), "What to do instead, where the answers lead to that")),
            ("goes_to", or_null(&text("A kind"), "They chose at `stop` to go on with a report of this kind: what both ask is kept")),
            ("errors", list("What is wrong with answers that were given", &shape("Fault"))),
            ("extras?", list("Once it can be sent: ids of what can be told afterwards", &text("An extra"))),
        ]),
        "Stop": object("An interruption, such as to call 999", &[
            ("code", text("`call_999`, `sign_post` and others")),
            ("title", text("What to do")),
            ("body", text("How, and why")),
            ("may_continue", is("Whether the page has a question that passes it")),
        ]),
    })
}

fn kind() -> Value {
    json!({
        "type": "string",
        "enum": [
            "yes_no", "yes_no_unsure", "one", "many", "text", "long_text", "number", "money", "date", "time",
            "approximate_date", "place", "person", "phone", "email", "vehicle_registration", "files", "declaration",
            "group",
        ],
        "description": "How it is answered. `yes_no`: `yes` or `no`. `yes_no_unsure`: also `unsure`. `one`: the value of a choice. \
                        `many`: a list of them. `text`, `long_text`: a string. `number`: an integer. `money`: pounds, as `12.50`. \
                        `date`: as `2026-10-13`. `time`: as `18:30`. `approximate_date`: an object with `known` (`exact`, `between`, \
                        `about`, `period`, `unsure`) and `date`, `time`, `from`, `to`, `words` as far as they belong to it. `place`: an object \
                        with at least one of `line1`, `line2`, `town`, `postcode`, `how_to_find`, `latitude` and `longitude`. `person`: an \
                        object with `name` and others. `phone`, `email`, `vehicle_registration`: a string. `files`: a list of ids. \
                        `declaration`: true. `group`: a list of objects, in each the answers to `questions` by their ids.",
    })
}

fn limits() -> Value {
    let count = |words: &str| json!({ "type": "integer", "description": words });
    object(
        "What the answer must keep to, as far as there is a limit",
        &[
            ("min_length?", count("At least so many characters")),
            ("max_length?", count("At most so many characters")),
            ("min?", count("Not less")),
            ("max?", count("Not more")),
            ("not_before?", text("A date, or `today`: the day on which somebody answers")),
            ("not_after?", text("A date, or `today`")),
            ("items_min?", count("At least so many")),
            ("items_max?", count("At most so many")),
        ],
    )
}

fn answers(words: &str) -> Value {
    json!({ "type": "object", "description": words, "additionalProperties": true })
}

fn sending(forms: &Forms) -> Value {
    let kinds: Vec<&str> = forms.newest().map(|form| form.kind.as_str()).collect();
    json!({
        "Walk": object("The answers so far", &[
            ("answers", answers("By question id; may be empty")),
        ]),
        "Submission": object("A report", &[
            ("kind", json!({ "type": "string", "enum": kinds, "description": "One of `GET /api/v1/forms`" })),
            ("answers", answers("By question id: what `GET /api/v1/forms/{kind}` asks and a journey with these answers leads to, \
                                 and nothing else. See the examples for each kind")),
        ]),
        "Sent": object("The report is durable", &[
            ("reference", text("Its number for people, such as 7K4M-2TQ9-2. It is no crime number")),
            ("report_id", json!({ "type": "string", "format": "uuid", "description": "Its number for programs" })),
            ("submitted_at", time("When it was taken")),
            ("contact_by", time("By then the reporter is told what happens next, in the way that the answers ask for")),
            ("return_code", text("Opens the report, together with the reference. Keep it private: it is stored nowhere and only shown here")),
            ("receipt", text("Shows that we had the report, and when. See `POST /api/v1/receipts/verify`")),
        ]),
    })
}

fn coming_back() -> Value {
    let added = |words: &str, when: &str, said: &str| {
        object(words, &[("reference", text("The report's reference")), (when, time(said))])
    };
    json!({
        "Report": object("How a report stands. Never its kind, what was written, or names", &[
            ("reference", text("Its reference")),
            ("status", json!({
                "type": "string",
                "description": "`received`, `assessing`, `needs_reply`, `with_officer`, `passed_on`, `no_further_action` or \
                                `closed`; new ones may be added",
            })),
            ("status_text", text("The status in words for people")),
            ("submitted_at", time("When it was taken")),
            ("contact_by", time("By then the reporter is told what happens next")),
            ("contact_stopped", is("Nobody is contacted about it any more, as the reporter asked")),
            ("asked", list("What staff ask. Answer with `details`", &shape("Question"))),
            ("timeline", list("What happened, oldest first", &object("A moment", &[
                ("at", time("When")),
                ("what", text("In public words")),
            ]))),
        ]),
        "Details": object("Something to add: words, answers, or both", &[
            ("text?", json!({
                "type": "string",
                "description": format!("At most {TEXT_MAX} characters, once what cannot be seen is taken away"),
            })),
            ("answers?", answers("To what staff ask (`asked`), or to the extras that the form offers")),
            ("finished?", is("Of a report that was sent in its first part: this is all that they can tell. It may stand by itself")),
        ]),
        "Again": object("It has got worse or happened again", &[
            ("answers", answers("By question id: what the form asks that the report's own form names in `again`")),
        ]),
        "Added": added("It is added", "added_at", "When"),
        "AddedAgain": object("It is added", &[
            ("reference", text("The report's reference")),
            ("added_at", time("When")),
            ("reply_owed", is("The promise of an answer holds for it, too; an entry of a diary in which nothing has changed is kept without one")),
        ]),
        "WithdrawalAsked": added("The wish is passed on. Nothing is deleted, and no clock stops", "asked_at", "When"),
        "ContactStopped": object("Nothing is sent by any way", &[
            ("reference", text("The report's reference")),
            ("stopped_at", time("When")),
            ("detail", text("What holds from now on, in words for people")),
        ]),
        "Found": object("Whom or what the report looks for is found", &[
            ("where?", json!({
                "type": "string",
                "description": format!("Where, in words, at most {WHERE_MAX} characters. Only staff read it"),
            })),
        ]),
        "FoundReported": object("It is told. Nothing ends by it", &[
            ("reference", text("The report's reference")),
            ("told_at", time("When")),
            ("detail", text("What happens next, in words for people")),
        ]),
        "Nothing": json!({
            "type": "object", "description": "Nothing to say: `{}`, or no body at all", "additionalProperties": false,
        }),
    })
}

fn files() -> Value {
    let count = |words: &str| json!({ "type": "integer", "minimum": 0, "description": words });
    let named = |words: &str, names: &[&str]| json!({ "type": "string", "enum": names, "description": words });
    let refused: Vec<&str> = Refused::ALL.iter().map(|why| why.as_str()).collect();
    let states: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
    let why = object(
        "Why it is not taken",
        &[
            ("code", named("A word that a program can act on", &refused)),
            ("detail", text("A sentence that tells a person what to do")),
        ],
    );
    let how_far = "How far it is. `receiving`: more can come. `checking`: all of it is here and is read back. `ready`: a report \
                  can take it. `refused`: see `problem`. `taken`: a report has it";
    let upload = [
        ("file_id", json!({ "type": "string", "format": "uuid", "description": "Its number" })),
        ("name", text("What the sender's device calls it")),
        ("size", or_null(&count("So many bytes"), "How large it is, once that is known")),
        ("received", count("So many bytes are kept")),
        ("state", named(how_far, &states)),
        ("media_type", or_null(&text("Such as `image/jpeg`"), "What it is, by its first bytes")),
        (
            "sha256",
            or_null(
                &text("In hexadecimal digits"),
                "Of what is kept, once all of it was read back",
            ),
        ),
        ("problem", or_null(&why, "Why it is not taken; null of any other")),
    ];
    let token = ("token", text("Opens the upload. Keep it private; a report takes the file by it"));
    let begun: Vec<_> = upload.iter().cloned().chain([token]).collect();
    json!({
        "Upload": object("A file on its way", &upload),
        "UploadBegun": object("A file that may come", &begun),
        "Files": object("Files for a report, at least one", &[
            ("file?", list("Small files, each with its name", &json!({ "type": "string", "format": "binary" }))),
            ("upload?", list("The tokens of others, which have come in pieces", &text("A token"))),
            ("about?", json!({
                "type": "string",
                "description": format!("What they show, in at most {ABOUT_CHARS_MAX} characters"),
            })),
        ]),
        "FilesAdded": object("The report has them", &[
            ("reference", text("The report's reference")),
            ("added_at", time("When")),
            ("files", list("In the order in which they stood in the form", &object("A file", &[
                ("file_id", text("Its number")),
                ("name", text("What the sender's device calls it")),
                ("size", count("So many bytes")),
                ("media_type", text("What it is, by its first bytes")),
                ("sha256", text("Of its bytes, in hexadecimal digits")),
                ("scan", text("`clean`, or `not_scanned` where no scanner saw it")),
            ]))),
        ]),
    })
}

fn receipts() -> Value {
    let known = |words: &str| json!({ "type": ["string", "null"], "description": words });
    json!({
        "Held": object("A receipt that somebody has", &[
            ("receipt", json!({
                "type": "string",
                "description": format!("All of it, at most {} characters; spaces and line breaks do not matter", receipts::CHARS_MAX),
            })),
        ]),
        "Verified": object("What is known of a receipt. Of one that does not match everything but `valid` is null", &[
            ("valid", is("We gave this receipt and nobody has changed it")),
            ("reference", known("Of which report")),
            ("report_id", known("Of which report")),
            ("submitted_at", known("When the report was taken")),
            ("issuer", known("Who gave it")),
            ("key_id", known("The key that signed it")),
        ]),
        "ReceiptKeys": object("Public keys, the one that signs first", &[
            ("items", list("The keys", &object("A key", &[
                ("id", text("The first 16 hexadecimal digits of the SHA-256 of its DER")),
                ("pem", text("The key (Ed25519), as openssl reads it")),
                ("since", json!({ "type": ["string", "null"], "format": "date-time", "description": "From when on it signed, where that is known" })),
            ]))),
        ]),
    })
}
