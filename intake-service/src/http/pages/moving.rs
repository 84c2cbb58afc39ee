//! Where a finished page leads.

use jiff::SignedDuration;

use super::Site;
use crate::domain::form::{Flag, Form, Journey, Kind, Page};
use crate::drafts::Written;

/// The page on which all answers are checked: it asks for nothing but that they are true.
pub(super) fn is_check(page: &Page) -> bool {
    !page.questions.is_empty()
        && page.questions.iter().all(|question| question.kind == Kind::Declaration)
}

/// The page that sends the answers: the check, or the end of a form that has none.
pub(super) fn is_last(journey: &Journey<'_, '_>, page: &Page) -> bool {
    is_check(page) || (journey.complete && is_end(journey, page))
}

/// Nothing is asked behind the page.
pub(super) fn is_end(journey: &Journey<'_, '_>, page: &Page) -> bool {
    journey.ahead.is_empty() && journey.path.last().is_some_and(|last| last.id == page.id)
}

/// The address of a page.
pub(super) fn address(kind: &str, page: &str) -> String {
    format!("/report/{kind}/{page}")
}

/// Where somebody goes who has finished `page`. Who changes an answer goes back to the check, unless new
/// questions arise.
pub(super) fn after(journey: &Journey<'_, '_>, kind: &str, page: &str, change: bool) -> String {
    if journey.short {
        return address(kind, "send-now");
    }
    if journey.ended {
        return address(kind, "elsewhere");
    }
    let next = journey.next.as_ref().map(|next| next.page);
    let again = next.is_some_and(|next| next.id == page);
    if again {
        return address(kind, page);
    }
    if change {
        let next = next.or(journey.path.last().copied());
        let on = if next.is_some_and(is_check) { "" } else { "?change=1" };
        return next.map_or_else(|| address(kind, page), |next| address(kind, &next.id) + on);
    }
    let after = journey.after(page).map(|view| view.page);
    after.or(next).map_or_else(|| address(kind, page), |page| address(kind, &page.id))
}

/// Where somebody goes on who comes back after a while: what was said about danger may be old, and is
/// shown first.
pub(super) fn come_back(
    site: &Site,
    journey: &Journey<'_, '_>,
    form: &Form,
    written: &Written,
) -> String {
    let draft = &written.draft;
    let age = site.clock.now().duration_since(written.saved_at);
    match form.pages().first() {
        Some(gate) if age > GATE_HOLDS && !journey.short && !draft.answers.is_empty() => {
            address(&draft.kind, &gate.id) + "?change=1"
        }
        Some(_) | None => resume(journey, &draft.kind, &draft.at),
    }
}

/// So long what was said about danger holds without being looked at again.
const GATE_HOLDS: SignedDuration = SignedDuration::from_hours(1);

/// The page to go on with.
pub(super) fn resume(journey: &Journey<'_, '_>, kind: &str, at: &str) -> String {
    if journey.short {
        return address(kind, "send-now");
    }
    let known = journey.path.iter().find(|page| page.id == at).copied();
    let next = journey.next.as_ref().map(|next| next.page);
    let page = known.or(next).or(journey.path.last().copied());
    page.map_or_else(|| format!("/report/{kind}"), |page| address(kind, &page.id))
}

/// Whether somebody near may be a danger: the pages then have a way to leave quickly, and what rests is
/// opened by its code alone.
pub(super) fn guarded(journey: &Journey<'_, '_>) -> bool {
    journey.short
        || journey.raises(Flag::Safeguarding)
        || journey.path.iter().any(|page| page.id == "device")
}
