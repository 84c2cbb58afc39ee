//! A link by email or text for those who want it: one message that says where a saved form is. It holds
//! neither the code nor anything else that opens the form.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::{Value, context};

use super::saved::{self, Saved};
use super::visit::{self, TOKEN};
use super::{Site, dress, moving};
use crate::domain::form::{Question, QuestionView};
use crate::domain::link::{self, Link, Said};
use crate::drafts::{Draft, KEPT, LINKS_MAX};
use crate::http::client::Client;
use crate::http::problems::ProblemFrom;
use crate::pages::errors::Wrong;
use crate::pages::{question as asking, typed};

/// What the page with the code shows of the link.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) fields: typed::Fields,
    pub(super) wrong: Wrong,
    /// What became of it.
    told: Option<&'static str>,
    /// Nothing is left to be asked.
    done: bool,
}

impl Offer {
    fn told(told: &'static str) -> Self {
        Self { told: Some(told), done: true, ..Self::default() }
    }

    /// For the page's template.
    pub(super) fn link(&self, site: &Site, draft: &Draft) -> Result<Value, Problem> {
        let asks = !self.done && draft.links.len() < LINKS_MAX;
        let questions = if asks {
            let questions = link::questions();
            let views = views(&questions);
            let (fields, wrong) = (&self.fields, &self.wrong);
            asking::draw(site.pages.templates(), &views, fields, wrong, false, false)
                .map_err(|error| dress::not_drawn(&error))?
        } else {
            vec![]
        };
        Ok(context! {
            told => self.told,
            asks => asks,
            questions => questions,
            action => moving::address(&draft.kind, "save"),
            number => draft.links.len() + 1,
        })
    }
}

fn views(questions: &[Question]) -> Vec<QuestionView<'_>> {
    let view = |question| QuestionView {
        question,
        label: &question.label,
        hint: question.hint.as_deref(),
        required: true,
    };
    questions.iter().map(view).collect()
}

/// `POST /report/{kind}/save`
pub(super) async fn post(
    State(site): State<Site>,
    Path(kind): Path<String>,
    client: Client,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let to = moving::address(&kind, "save");
    let asked = ask(&site, &kind, client, &headers, &sent).await;
    asked.or_else(|problem| dress::again(&site, &problem, &to, &sent))
}

async fn ask(
    site: &Site,
    kind: &str,
    client: Client,
    headers: &HeaderMap,
    sent: &[(String, String)],
) -> Result<Response, Problem> {
    let saved = match saved::open(site, kind, headers).await? {
        Ok(saved) => saved,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let fields = typed::Fields::new(sent);
    if !saved.visit.sent(site, fields.get(TOKEN)) {
        let told = Some("Nothing is sent yet. Look at what you typed, and send it from here.");
        let offer = Offer { fields, told, ..Offer::default() };
        return saved.draw(site, StatusCode::UNPROCESSABLE_ENTITY, &offer);
    }
    let questions = link::questions();
    let (views, now) = (views(&questions), site.local_now());
    let answers = asking::answers(&asking::asked(&views), &fields, now);
    match link::read(&questions, &answers, now) {
        Ok(Said::Send(link)) => {
            site.limits.may_submit(client)?;
            let to = site.submitter.identity.id_of(&format!("link to {}", link.address()));
            site.limits.may_write_to(*to.as_bytes())?;
            send(site, saved, &link, fields.get("number")).await
        }
        Ok(Said::NotPrivate) => {
            let told = Some(
                "We will not write there. You can give another address, or get no message: your \
                 code is all that you need.",
            );
            saved.draw(site, StatusCode::OK, &Offer { fields, told, ..Offer::default() })
        }
        Err(errors) => {
            let wrong = Wrong::new(&errors, &questions, &fields, false);
            let offer = Offer { fields, wrong, ..Offer::default() };
            saved.draw(site, StatusCode::UNPROCESSABLE_ENTITY, &offer)
        }
    }
}

/// Counts it in the draft, then puts it into the log: whoever hears of trouble in between presses the
/// button again, which is the same link.
async fn send(site: &Site, saved: Saved, link: &Link, number: &str) -> Result<Response, Problem> {
    let Saved { visit, code, written } = saved;
    let identity = &site.submitter.identity;
    let draft_id = written.draft.id;
    let to = format!("link {}", link.address());
    let to = hex::encode(identity.fingerprint(draft_id, to.as_bytes()));
    let shown_with = number.parse().unwrap_or_default();
    // Zero: there were enough. The last change is the one that stands.
    let number = AtomicUsize::new(0);
    let count = |draft: &mut Draft| {
        let counted = draft.ask_link(shown_with, &to).unwrap_or_default();
        number.store(counted, Ordering::Relaxed);
    };
    let written = site.drafts.change(&code, written, count).await?;
    let kept_until = written.saved_at.saturating_add(KEPT).unwrap_or_default();
    let saved = Saved { visit, code, written };
    let number = number.into_inner();
    if number == 0 {
        let told =
            "We send a link to one form three times at most. Your code is all that you need.";
        return saved.draw(site, StatusCode::TOO_MANY_REQUESTS, &Offer::told(told));
    }
    let id = identity.link_of_draft(draft_id, number);
    site.submitter
        .ask_link(id, link, kept_until)
        .await
        .map_err(|error| ProblemFrom::from(error).0)?;
    let told = match link {
        Link::Email(_) => {
            "We are sending it to your email address. If nothing comes, your code is all that you \
             need."
        }
        Link::Text(_) => {
            "We are sending it to your mobile, unless it is night: then no text goes. If nothing \
             comes, your code is all that you need."
        }
    };
    saved.draw(site, StatusCode::OK, &Offer::told(told))
}
