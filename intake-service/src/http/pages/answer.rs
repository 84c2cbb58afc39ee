//! `POST /report/{kind}/{page}`: a page of a form is answered.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use jiff::civil::DateTime;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::question::{Way, version};
use super::send::Pressed;
use super::visit::{self, TOKEN, Visit};
use super::{Site, begin, dress, moving, other, see_other, send};
use crate::domain::form::{Form, Page as FormPage, Question, journey};
use crate::drafts::{Draft, DraftCode, OpenError, Typed, Written};
use crate::http::client::Client;
use crate::pages::{question, typed};

/// The field that says what stood on the page when it was opened.
const WAS: &str = "was";

/// A page as it was sent.
struct Posted<'a> {
    site: &'a Site,
    kind: &'a str,
    page: &'a str,
    way: Way,
    client: Client,
    fields: typed::Fields,
    sent: &'a [(String, String)],
}

pub(super) async fn post(
    State(site): State<Site>,
    Path((kind, page)): Path<(String, String)>,
    uri: Uri,
    client: Client,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let way = Way::of(&uri);
    let to = moving::address(&kind, &page) + way.query();
    let posted = Posted {
        site: &site,
        kind: &kind,
        page: &page,
        way,
        client,
        fields: typed::Fields::new(&sent),
        sent: &sent,
    };
    let took = Box::pin(dress::in_time(posted.take(&headers))).await;
    took.or_else(|problem| dress::again(&site, &problem, &to, &sent))
}

impl Posted<'_> {
    async fn take(self, headers: &HeaderMap) -> Result<Response, Problem> {
        let site = self.site;
        let newest = super::form(site, self.kind)?;
        let visit = Visit::of(site, headers).await?;
        let found = visit.draft(site, self.kind).await?;
        // The form as the draft has it: a page of an older version is a page.
        let form =
            found.as_ref().map_or(newest, |(_, written)| version(site, newest, &written.draft));
        let is_first = form.pages().first().is_some_and(|first| first.id == self.page);
        let is_own = visit.sent(site, self.fields.get(TOKEN)) && !visit.rests();
        let Some(page) = form.pages().iter().find(|of| of.id == self.page) else {
            return Err(Problem::not_found());
        };
        let typed = own_fields(&page.questions, self.sent, site.local_now())?;
        let (visit, code, written) = match found {
            Some((code, written)) if is_own => (visit, code, written),
            None if is_first => begin::draft(site, visit, newest, self.client).await?,
            // The session has ended, or the page is from another one: what was typed is kept.
            found => {
                let typed = (self.page, typed);
                return begin::keep(site, visit, newest, typed, found, self.client).await;
            }
        };
        if written.draft.sent.is_some() {
            return super::sent::already(site, visit, &written.draft, &typed).await;
        }
        let items = question::changed_items(&self.fields, &typed)
            .filter(|(group, _)| page.questions.iter().any(|question| question.id == *group));
        if items.is_some() || !self.fields.get("save").is_empty() {
            let page = page.id.as_str();
            let (to, typed) = match items {
                Some((group, typed)) => (format!("{page}#{group}"), typed),
                None => ("save".to_owned(), typed),
            };
            let left = |draft: &mut Draft| {
                draft.leave(page, typed.clone());
                page.clone_into(&mut draft.at);
            };
            site.drafts.change(&code, written, left).await?;
            let next = see_other(&moving::address(self.kind, &to));
            return Ok(with_session(site, &visit, next));
        }
        self.finish((visit, code, written), form, typed).await
    }

    /// The visitor goes on: what is wrong is said on the same page, else the next one comes. A reload or
    /// the way back sends nothing again.
    async fn finish(
        self,
        (visit, code, written): (Visit, DraftCode, Written),
        form: &Form,
        typed: Typed,
    ) -> Result<Response, Problem> {
        let Self { site, kind, page, way, client, fields, .. } = self;
        let now = site.local_now();
        let Some(read) = question::read(form, &written.draft.answers, page, &fields, now) else {
            let found = Some((code, written));
            return begin::keep(site, visit, form, (page, typed), found, client).await;
        };
        let Some(of) = form.pages().iter().find(|of| of.id == page) else {
            return Err(Problem::not_found());
        };
        let was = question::digest(of, &written.draft.answers);
        let seen = fields.get(WAS);
        let is_changed = !seen.is_empty()
            && seen != was
            && (moving::is_check(of) || question::digest(of, &read.answers) != was);
        let is_taken = read.wrong.is_empty() && !is_changed;
        let after = journey(form, &read.answers, now);
        let next = after.after(page).map_or(page, |next| next.page.id.as_str());
        let finished = |draft: &mut Draft| {
            if is_taken {
                draft.answer(page, read.given.clone());
                next.clone_into(&mut draft.at);
            } else {
                draft.leave(page, typed.clone());
                page.clone_into(&mut draft.at);
            }
            if draft.wrong == page || !read.wrong.is_empty() {
                draft.wrong = if read.wrong.is_empty() { String::new() } else { page.to_owned() };
            }
        };
        let written = site.drafts.change(&code, written.clone(), finished).await?;
        if !is_taken {
            let way = Way { changed: is_changed, ..way };
            let again = see_other(&(moving::address(kind, page) + way.query()));
            return Ok(with_session(site, &visit, again));
        }
        if let Some(stop) = &of.stop {
            count_stop(kind, &stop.code, of, &read.given);
        }
        if let Some(revealed) = &read.reveals {
            let again =
                see_other(&format!("{}{}#{revealed}", moving::address(kind, page), way.query()));
            return Ok(with_session(site, &visit, again));
        }
        // On top of what another tab has saved meanwhile.
        let after = journey(form, &written.draft.answers, now);
        let by = Pressed { client, was_asked: fields.get("asked") == "1" };
        if moving::is_last(&after, of) {
            return send::send(site, visit, &code, &written, form, by).await;
        }
        let mut visit = visit;
        if let Some(to) = after.goes_to.and_then(|kind| site.forms.get(kind)) {
            let next = other::go_on(site, &mut visit, (form, &written), to).await?;
            return Ok(with_session(site, &visit, next));
        }
        if let Some(session) = visit.session.as_mut().filter(|_| moving::guarded(&after)) {
            site.sessions.guard(session).await?;
        }
        let next = if moving::guarded(&after) && !written.draft.told_leaving && !after.short {
            moving::address(kind, "leaving")
        } else {
            moving::after(&after, kind, page, way.change)
        };
        Ok(with_session(site, &visit, see_other(&next)))
    }
}

/// How often each interruption was met, and what was answered there: figures that tell a force whether it
/// stops the right people. A choice of the form's own list, and nothing that anybody typed.
static STOPS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    opentelemetry::global::meter("intake")
        .u64_counter("intake_stops_answered")
        .with_description("Interruptions that were answered, by kind of report, stop and answer")
        .build()
});

fn count_stop(
    kind: &str,
    code: &str,
    page: &FormPage,
    given: &[(String, Option<serde_json::Value>)],
) {
    let has_choices = |id: &str| {
        page.questions.iter().any(|question| question.id == id && question.kind.has_choices())
    };
    let chosen = given.iter().filter(|(id, _)| has_choices(id));
    for answer in chosen.filter_map(|(_, answer)| answer.as_ref()?.as_str()) {
        let labels = [
            KeyValue::new("kind", kind.to_owned()),
            KeyValue::new("stop", code.to_owned()),
            KeyValue::new("answer", answer.to_owned()),
        ];
        STOPS.add(1, &labels);
    }
}

/// What was typed into the fields of these questions: nothing else is kept, and no more than a page takes.
pub(super) fn own_fields<'q>(
    questions: impl IntoIterator<Item = &'q Question>,
    sent: &[(String, String)],
    now: DateTime,
) -> Result<Typed, Problem> {
    let typed = typed::of_questions(questions, sent, now);
    let bytes: usize = typed.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > PAGE_BYTES_MAX {
        return Err(OpenError::TooLarge.into());
    }
    Ok(typed)
}

/// Many times what the longest page asks for.
const PAGE_BYTES_MAX: usize = 64 * 1024;

/// The cookie of a session that began with this page, or is still in use.
fn with_session(site: &Site, visit: &Visit, response: Response) -> Response {
    match &visit.session {
        Some(session) if !visit.had_cookie => visit::with_cookie(site, session, response),
        Some(_) | None => response,
    }
}
