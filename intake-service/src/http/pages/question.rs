//! `/report/{kind}/{page}`: one page of a form.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::visit::{self, TOKEN, Visit};
use super::{Site, begin, dress, moving, see_other, send};
use crate::domain::form::{Form, Journey, PageView, journey};
use crate::drafts::{Draft, DraftCode, Typed, Written};
use crate::http::client::Client;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{check, question, typed};

/// Whether the visitor changes an answer, and goes back to the check after it.
fn is_change(uri: &Uri) -> bool {
    uri.query() == Some("change=1")
}

/// What a page of a form is drawn with.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) site: &'a Site,
    pub(super) visit: &'a Visit,
    pub(super) draft: &'a Draft,
    pub(super) journey: &'a Journey<'a, 'a>,
    pub(super) change: bool,
}

pub(super) async fn get(
    State(site): State<Site>,
    Path((kind, page)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let newest = super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    if needs_report(newest, &visit) {
        return Ok(see_other("/my-report"));
    }
    let found = visit.draft(&site, &kind).await?;
    if found.is_some() && visit.rests() {
        return Ok(see_other(&moving::address(&kind, "back")));
    }
    let draft =
        found.map_or_else(|| Draft::new(&kind, newest.version), |(_, written)| written.draft);
    if draft.sent.is_some() {
        return Ok(see_other(&moving::address(&kind, "sent")));
    }
    let form = version(&site, newest, &draft);
    let journey = journey(form, &draft.answers, site.local_now());
    let Some(view) = journey.page_in_full(&page) else {
        let exists = form.pages().iter().any(|of| of.id == page);
        return if exists {
            Ok(see_other(&moving::resume(&journey, &kind, &draft.at)))
        } else {
            Err(Problem::not_found())
        };
    };
    let change = is_change(&uri);
    let shown = Shown { site: &site, visit: &visit, draft: &draft, journey: &journey, change };
    let fields = fields(&draft, &view);
    shown.draw(StatusCode::OK, &view, &fields, &Wrong::default())
}

/// Whether a form is asked of somebody who has a report open, and none is.
fn needs_report(form: &Form, visit: &Visit) -> bool {
    !form.listed && visit.session.as_ref().is_none_or(|session| session.report().is_none())
}

/// The form as it was when the draft began.
pub(super) fn version<'s>(site: &'s Site, newest: &'s Form, draft: &Draft) -> &'s Form {
    site.forms.version(&draft.kind, draft.version).unwrap_or(newest)
}

/// What stands in the fields of a page: what was typed and left, else what was answered.
fn fields(draft: &Draft, view: &PageView<'_>) -> typed::Fields {
    if let Some(left) = draft.typed.get(&view.page.id) {
        return typed::Fields::new(left);
    }
    let mut fields = typed::Fields::default();
    for asked in &view.questions {
        if let Some(answer) = draft.answers.get(&asked.question.id) {
            fields.extend(typed::fields(asked.question, answer));
        }
    }
    fields
}

impl Shown<'_> {
    pub(super) fn draw(
        &self,
        status: StatusCode,
        view: &PageView<'_>,
        fields: &typed::Fields,
        wrong: &Wrong,
    ) -> Result<Response, Problem> {
        let kind = self.draft.kind.as_str();
        let id = view.page.id.as_str();
        let is_check = moving::is_check(view.page);
        let is_heading = view.questions.len() == 1 && view.page.stop.is_none() && !is_check;
        let templates = self.site.pages.templates();
        let questions =
            question::draw(templates, &view.questions, fields, wrong, is_heading, false)
                .map_err(|error| dress::not_drawn(&error))?;
        let stop = view.page.stop.as_ref();
        let title = match (stop, view.questions.first()) {
            (Some(stop), _) => stop.title.as_str(),
            (None, Some(only)) if is_heading => only.label,
            (None, _) => view.title,
        };
        let change = if self.change { "?change=1" } else { "" };
        let page = Page {
            title: title.to_owned(),
            in_error: !wrong.is_empty(),
            back: Some(self.back(id)),
            ..self.page()
        };
        let more = context! {
            action => moving::address(kind, id) + change,
            questions => questions,
            is_heading => is_heading,
            sends => moving::is_last(self.journey, view.page) || moving::is_end(self.journey, view.page),
            stop => stop.map(|stop| stop.body.lines().map(str::to_owned).collect::<Vec<_>>()),
            errors => wrong.list(),
            rows => is_check.then(|| check::rows(self.journey, kind)),
        };
        let template = if is_check { "check.html" } else { "question.html" };
        self.site.pages.draw(status, template, &page, more)
    }

    /// What all pages of this draft carry.
    pub(super) fn page(&self) -> Page {
        Page {
            exit: self.draft.told_leaving && moving::guarded(self.journey),
            token: self.visit.form_token(self.site),
            timeout_minutes: self.visit.session.as_ref().map(|_| self.site.rests_after_minutes()),
            ..Page::default()
        }
    }

    fn back(&self, page: &str) -> String {
        let kind = self.draft.kind.as_str();
        let check = self.journey.path.last().filter(|page| moving::is_check(page));
        match (check, self.journey.before(page)) {
            (Some(check), _) if self.change => moving::address(kind, &check.id),
            (_, Some(before)) => moving::address(kind, &before.id),
            (_, None) => format!("/report/{kind}"),
        }
    }
}

/// A page as it was sent.
struct Posted<'a> {
    site: &'a Site,
    kind: &'a str,
    page: &'a str,
    /// An answer is changed.
    change: bool,
    client: Client,
    fields: typed::Fields,
    typed: Typed,
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
    let change = is_change(&uri);
    let to = moving::address(&kind, &page) + if change { "?change=1" } else { "" };
    let posted = Posted {
        site: &site,
        kind: &kind,
        page: &page,
        change,
        client,
        fields: typed::Fields::new(&sent),
        typed: sent.iter().filter(|(name, _)| !is_own(name)).cloned().collect(),
    };
    let took = posted.take(&headers).await;
    took.or_else(|problem| dress::again(&site, &problem, &to, &sent))
}

impl Posted<'_> {
    async fn take(self, headers: &HeaderMap) -> Result<Response, Problem> {
        let site = self.site;
        let newest = super::form(site, self.kind)?;
        let visit = Visit::of(site, headers).await?;
        let found = visit.draft(site, self.kind).await?;
        let is_first = newest.pages().first().is_some_and(|first| first.id == self.page);
        let is_own = visit.sent(site, self.fields.get(TOKEN)) && !visit.rests();
        let (visit, code, written) = match found {
            Some((code, written)) if is_own => (visit, code, written),
            None if is_first => begin::draft(site, visit, newest).await?,
            // The session has ended, or the page is from another one: what was typed is kept.
            found => return begin::keep(site, visit, newest, self.page, self.typed, found).await,
        };
        if written.draft.sent.is_some() {
            return super::sent::already(site, visit, &written.draft, &self.typed).await;
        }
        let items = question::changed_items(&self.fields, &self.typed);
        if items.is_some() || !self.fields.get("save").is_empty() {
            let page = self.page;
            let (to, typed) = match items {
                Some((group, typed)) => (format!("{page}#{group}"), typed),
                None => ("save".to_owned(), self.typed),
            };
            let left = |draft: &mut Draft| {
                draft.typed.insert(page.to_owned(), typed.clone());
                page.clone_into(&mut draft.at);
            };
            site.drafts.change(&code, written, left).await?;
            let next = see_other(&moving::address(self.kind, &to));
            return Ok(with_session(site, &visit, next));
        }
        self.finish(visit, code, written, newest).await
    }

    /// The visitor goes on: what is wrong is said on the same page, else the next one comes.
    async fn finish(
        self,
        visit: Visit,
        code: DraftCode,
        written: Written,
        newest: &Form,
    ) -> Result<Response, Problem> {
        let Self { site, kind, page, change, client, fields, typed } = self;
        let form = version(site, newest, &written.draft);
        let now = site.local_now();
        let before = journey(form, &written.draft.answers, now);
        let Some(shown) = before.page_in_full(page) else {
            return begin::keep(site, visit, newest, page, typed, Some((code, written))).await;
        };
        let asked = question::asked(&shown.questions);
        let given = question::answers(&asked, &fields, now);
        let mut answered = written.draft.clone();
        answered.answer(page, given.clone());
        let after = journey(form, &answered.answers, now);
        let Some(view) = after.page_in_full(page) else { return Err(Problem::internal()) };
        let errors = question::errors(&view, &asked, &given, &after.errors);
        let questions = view.questions.iter().map(|asked| asked.question);
        let wrong = Wrong::new(&errors, questions, &fields, false);
        let next = after.after(page).map_or(page, |next| next.page.id.as_str());
        let finished = |draft: &mut Draft| {
            if wrong.is_empty() {
                draft.answer(page, given.clone());
                next.clone_into(&mut draft.at);
            } else {
                draft.typed.insert(page.to_owned(), typed.clone());
                page.clone_into(&mut draft.at);
            }
        };
        let written = site.drafts.change(&code, written.clone(), finished).await?;
        if !wrong.is_empty() {
            let draft = &written.draft;
            let shown = Shown { site, visit: &visit, draft, journey: &after, change };
            let drawn = shown.draw(StatusCode::UNPROCESSABLE_ENTITY, &view, &fields, &wrong)?;
            return Ok(with_session(site, &visit, drawn));
        }
        if let Some(stop) = &view.page.stop {
            count_stop(kind, &stop.code, &view, &given);
        }
        // On top of what another tab has saved meanwhile.
        let after = journey(form, &written.draft.answers, now);
        if moving::is_last(&after, view.page) {
            return send::send(site, visit, &code, &written, form, client).await;
        }
        let mut visit = visit;
        if let Some(session) = visit.session.as_mut().filter(|_| moving::guarded(&after)) {
            site.sessions.guard(session).await?;
        }
        let next = if moving::guarded(&after) && !written.draft.told_leaving && !after.short {
            moving::address(kind, "leaving")
        } else {
            moving::after(&after, kind, page, change)
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
    page: &PageView<'_>,
    given: &[(String, Option<serde_json::Value>)],
) {
    let has_choices = |id: &str| {
        page.questions
            .iter()
            .any(|asked| asked.question.id == id && asked.question.kind.has_choices())
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

/// Fields that are no answers: where the form came from, and which button was pressed.
fn is_own(name: &str) -> bool {
    matches!(name, TOKEN | "save" | "add" | "remove")
}

/// The cookie of a session that began with this page, or is still in use.
fn with_session(site: &Site, visit: &Visit, response: Response) -> Response {
    match &visit.session {
        Some(session) if !visit.had_cookie => visit::with_cookie(site, session, response),
        Some(_) | None => response,
    }
}
