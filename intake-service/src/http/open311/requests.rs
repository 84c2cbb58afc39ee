//! How a partner's own requests stand. What was typed is sealed and never read back.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use backbone::http::Path;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::problems::ProblemFrom;
use super::super::{Site, show_report};
use super::answer::Answer;
use super::arguments::Arguments;
use super::{bare, keys, services};
use crate::identity;
use crate::projections::partner_request::{self, ROWS_MAX, Request, Wish};
use crate::submit::SubmitError;

/// A question may span so much time.
const SPAN: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Beyond this nobody has requests.
const PAGES_MAX: u32 = 10_000;

#[derive(Debug, Serialize)]
struct Shown<'a> {
    service_request_id: &'a str,
    status: &'static str,
    status_notes: &'static str,
    service_name: &'a str,
    service_code: &'a str,
    agency_responsible: &'a str,
    requested_datetime: String,
    updated_datetime: String,
    expected_datetime: String,
}

pub(super) async fn list(
    State(site): State<Site>,
    headers: HeaderMap,
    arguments: Arguments,
) -> Result<Answer, Answer> {
    let partner = keys::partner(&site, &headers, &arguments)?;
    let mut wish = wish(&arguments, site.clock.now())?;
    if let Some(kinds) = &mut wish.kinds {
        // What was never offered finds nothing. The database is not asked for it: not every text is one there.
        kinds.retain(|kind| site.forms.find(kind).is_some());
    }
    Ok(shown(&site, &read(&site, partner, &wish).await?))
}

pub(super) async fn one(
    State(site): State<Site>,
    Path(named): Path<String>,
    headers: HeaderMap,
    arguments: Arguments,
) -> Result<Answer, Answer> {
    let partner = keys::partner(&site, &headers, &arguments)?;
    let references = identity::reference(bare(&named)?).into_iter().collect();
    let found = read(&site, partner, &only(references)).await?;
    if found.is_empty() {
        return Err(Answer::not_found("service_request_id: You have no such request"));
    }
    Ok(shown(&site, &found))
}

async fn read(site: &Site, partner: &str, wish: &Wish) -> Result<Vec<Request>, Answer> {
    let away = |error: sqlx::Error| Answer::from(ProblemFrom::from(SubmitError::from(error)).0);
    let mut conn = site.returning.pool.acquire().await.map_err(away)?;
    partner_request::of(&mut conn, partner, wish).await.map_err(away)
}

fn shown(site: &Site, found: &[Request]) -> Answer {
    let shown = found.iter().map(|request| Shown {
        service_request_id: &request.reference,
        status: if request.is_open() { "open" } else { "closed" },
        status_notes: show_report::status_text(&request.status),
        service_name: services::name(site, &request.kind),
        service_code: &request.kind,
        agency_responsible: &site.pages.force().name,
        requested_datetime: second(request.submitted_at),
        updated_datetime: second(request.updated_at),
        expected_datetime: second(request.contact_by),
    });
    Answer::new(StatusCode::OK, "service_requests", &shown.collect::<Vec<_>>())
}

/// In whole seconds: many programs read no other.
fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn only(references: Vec<String>) -> Wish {
    Wish {
        references: Some(references),
        kinds: None,
        from: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
        is_open: None,
        rows: ROWS_MAX,
        skipped: 0,
    }
}

/// Reads the filters. Ids override all others.
fn wish(arguments: &Arguments, now: Timestamp) -> Result<Wish, Answer> {
    if let Some(ids) = arguments.list("service_request_id")? {
        let most = usize::try_from(ROWS_MAX).unwrap_or_default();
        if ids.len() > most {
            return Err(Answer::bad("service_request_id: Ask for 1,000 or fewer"));
        }
        return Ok(only(ids.iter().filter_map(|id| identity::reference(id)).collect()));
    }
    let (from, until) = span(date(arguments, "start_date")?, date(arguments, "end_date")?, now)?;
    let rows = number(arguments, "page_size", ROWS_MAX, ROWS_MAX)?;
    let page = number(arguments, "page", 1, PAGES_MAX)?;
    Ok(Wish {
        references: None,
        kinds: arguments.list("service_code")?,
        from,
        until,
        is_open: is_open(arguments.list("status")?)?,
        rows,
        skipped: (page - 1) * rows,
    })
}

/// The last 90 days, unless it is said otherwise.
fn span(
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Answer> {
    // A moment that we told was cut to its second, and is asked for as that.
    let behind = |at: Timestamp| at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at);
    let far = |_| Answer::bad("start_date, end_date: Ask for a time that there is");
    let (from, until) = match (from, until) {
        (Some(from), Some(until)) if until < from => {
            return Err(Answer::bad("end_date: It must not be before start_date"));
        }
        (Some(from), Some(until)) if until.duration_since(from) > SPAN => {
            return Err(Answer::bad("start_date, end_date: Ask for 90 days or fewer"));
        }
        (Some(from), Some(until)) => (from, behind(until)),
        (Some(from), None) => (from, from.checked_add(SPAN).map_err(far)?),
        (None, Some(until)) => (until.checked_sub(SPAN).map_err(far)?, behind(until)),
        (None, None) => (now.checked_sub(SPAN).map_err(far)?, behind(now)),
    };
    // The database holds fewer years than a timestamp does.
    Ok((from.max(Timestamp::UNIX_EPOCH), until.max(Timestamp::UNIX_EPOCH)))
}

fn date(arguments: &Arguments, name: &str) -> Result<Option<Timestamp>, Answer> {
    let read = |text: &str| {
        // A plus that was not escaped arrives as a space.
        text.trim().replace(' ', "+").parse().map_err(|_| {
            Answer::bad(format!(
                "{name}: Send a date and time with its zone, like 2026-03-27T00:00:00Z"
            ))
        })
    };
    arguments.one(name)?.map(read).transpose()
}

fn number(arguments: &Arguments, name: &str, usual: u32, most: u32) -> Result<u32, Answer> {
    let Some(text) = arguments.one(name)? else { return Ok(usual) };
    let number = text.trim().parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Answer::bad(format!("{name}: Send a number from 1 to {most}")))
}

/// Both are all.
fn is_open(said: Option<Vec<String>>) -> Result<Option<bool>, Answer> {
    let said = said.unwrap_or_default();
    if said.iter().any(|status| status != "open" && status != "closed") {
        return Err(Answer::bad("status: Ask for open, closed or both"));
    }
    let has = |status: &str| said.iter().any(|said| said == status);
    Ok(if has("open") == has("closed") { None } else { Some(has("open")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-25T12:00:00Z";

    fn asked(query: &[(&str, &str)]) -> Result<Wish, Answer> {
        let fields = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        wish(&Arguments::new(fields.collect()), NOW.parse().unwrap())
    }

    #[track_caller]
    fn check(query: &[(&str, &str)], from: &str, until: &str) {
        let wish = asked(query).unwrap();
        assert_eq!((wish.from.to_string(), wish.until.to_string()), (from.into(), until.into()));
    }

    #[test]
    fn a_span_is_ninety_days_unless_it_is_said() {
        let (start, end) = ("start_date", "end_date");
        check(&[], "2026-08-27T12:00:00Z", "2026-11-25T12:00:01Z");
        let from = "2026-01-01T00:00:00Z";
        check(&[(start, from)], from, "2026-04-01T00:00:00Z");
        check(&[(end, "2026-04-01T00:00:00Z")], from, "2026-04-01T00:00:01Z");
        check(&[(start, from), (end, from)], from, "2026-01-01T00:00:01Z");
        // As it arrives where the plus was not escaped.
        check(&[(end, "2026-04-01T01:00:00 01:00")], from, "2026-04-01T00:00:01Z");
    }

    #[test]
    fn filters_that_cannot_be_read_are_refused() {
        for (name, value) in [
            ("start_date", "2026-01-01"),
            ("end_date", "yesterday"),
            ("status", "open,done"),
            ("page", "0"),
            ("page_size", "1001"),
        ] {
            assert!(asked(&[(name, value)]).is_err(), "{name}={value}");
        }
        let (first, last) = ("2026-01-01T00:00:00Z", "2026-04-01T00:00:01Z");
        assert!(asked(&[("start_date", first), ("end_date", last)]).is_err());
        assert!(asked(&[("start_date", last), ("end_date", first)]).is_err());
        assert!(asked(&[("status", "open"), ("status", "closed")]).is_err());
    }

    #[test]
    fn ids_override_everything_else() {
        let id = identity::new_reference();
        let ids = format!("{}, nonsense", id.to_lowercase());
        let wish = asked(&[("service_request_id", &ids), ("status", "done")]).unwrap();
        assert_eq!(wish.references, Some(vec![id]));
        for (said, then) in
            [("open", Some(true)), ("closed", Some(false)), ("open,closed", None), ("", None)]
        {
            assert_eq!(asked(&[("status", said)]).unwrap().is_open, then, "{said}");
        }
        let wish = asked(&[("page", "3"), ("page_size", "50")]).unwrap();
        assert_eq!((wish.rows, wish.skipped), (50, 100));
    }
}
