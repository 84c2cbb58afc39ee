//! `/report/{kind}/{page}`: one page of a form.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use backbone::http::Path;
use backbone::problem::Problem;
use jiff::civil::DateTime;
use minijinja::context;

use super::visit::Visit;
use super::{Site, dress, moving, see_other, send};
use crate::domain::form::{Form, Journey, PageView, journey};
use crate::drafts::Draft;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{check, linked, question, typed};

/// What an address says beside the page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Way {
    /// The visitor changes an answer, and goes back to the check after it.
    pub(super) change: bool,
    /// The page's answers were changed in another tab meanwhile.
    pub(super) changed: bool,
}

impl Way {
    pub(super) fn of(uri: &Uri) -> Self {
        let says = |word: &str| uri.query().unwrap_or_default().split('&').any(|said| said == word);
        Self { change: says("change=1"), changed: says("changed=1") }
    }

    /// The same beside the next page.
    pub(super) fn query(self) -> &'static str {
        match (self.change, self.changed) {
            (false, false) => "",
            (true, false) => "?change=1",
            (false, true) => "?changed=1",
            (true, true) => "?change=1&changed=1",
        }
    }
}

/// What a page of a form is drawn with.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) site: &'a Site,
    pub(super) visit: &'a Visit,
    pub(super) draft: &'a Draft,
    pub(super) journey: &'a Journey<'a, 'a>,
    pub(super) way: Way,
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
    let fields = fields(&draft, &view, site.local_now());
    let way = Way::of(&uri);
    if draft.wrong != page {
        let shown = Shown { site: &site, visit: &visit, draft: &draft, journey: &journey, way };
        return shown.draw(&view, &fields, &Wrong::default());
    }
    // What was sent and could not be taken is read again, and the same is said of it.
    let Some(read) = question::read(form, &draft.answers, &page, &fields, site.local_now()) else {
        return Err(Problem::internal());
    };
    let journey = crate::domain::form::journey(form, &read.answers, site.local_now());
    let view = journey.page_in_full(&page).ok_or_else(Problem::internal)?;
    let shown = Shown { site: &site, visit: &visit, draft: &draft, journey: &journey, way };
    shown.draw(&view, &fields, &read.wrong)
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
fn fields(draft: &Draft, view: &PageView<'_>, now: DateTime) -> typed::Fields {
    if let Some(left) = draft.typed.get(&view.page.id) {
        return typed::Fields::new(left);
    }
    let mut fields = typed::Fields::default();
    for asked in &view.questions {
        if let Some(answer) = draft.answers.get(&asked.question.id) {
            fields.extend(typed::fields(asked.question, answer, now));
        }
    }
    fields
}

impl Shown<'_> {
    pub(super) fn draw(
        &self,
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
        let way = Way { changed: false, ..self.way };
        let there = self.way.changed.then(|| check::here(self.journey, id));
        let page = Page {
            title: title.to_owned(),
            in_error: !wrong.is_empty(),
            back: Some(self.back(id)),
            ..self.page()
        };
        let more = context! {
            action => moving::address(kind, id) + way.query(),
            was => question::digest(view.page, &self.draft.answers),
            there => there,
            questions => questions,
            is_heading => is_heading,
            sends => moving::is_last(self.journey, view.page) || moving::is_end(self.journey, view.page),
            other => self.other(),
            stop => stop.map(|stop| linked::lines(&stop.body)),
            errors => wrong.list(),
            rows => is_check.then(|| check::rows(self.journey, kind)),
            way => is_check.then(|| send::way_told(self.journey)),
        };
        let template = if is_check { "check.html" } else { "question.html" };
        self.site.pages.draw(StatusCode::OK, template, &page, more)
    }

    /// What all pages of this draft carry.
    pub(super) fn page(&self) -> Page {
        Page {
            exit: self.draft.told_leaving && moving::guarded(self.journey)
                || !self.site.forms.is_listed(&self.draft.kind),
            token: self.visit.form_token(self.site),
            guarded: moving::guarded(self.journey),
            timeout_minutes: self.visit.session.as_ref().map(|_| self.site.rests_after_minutes()),
            ..Page::default()
        }
    }

    /// Where another kind is chosen, once something of this one is written.
    fn other(&self) -> Option<String> {
        let kind = self.draft.kind.as_str();
        let is_begun = !self.draft.answers.is_empty() && self.site.forms.is_listed(kind);
        is_begun.then(|| moving::address(kind, "other"))
    }

    fn back(&self, page: &str) -> String {
        let kind = self.draft.kind.as_str();
        let check = self.journey.path.last().filter(|page| moving::is_check(page));
        match (check, self.journey.before(page)) {
            (Some(check), _) if self.way.change => moving::address(kind, &check.id),
            (_, Some(before)) => moving::address(kind, &before.id),
            (_, None) => format!("/report/{kind}"),
        }
    }
}
