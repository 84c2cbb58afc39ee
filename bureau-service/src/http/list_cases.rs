//! `GET /api/v1/cases`

use axum::Json;
use axum::extract::{Query, State, rejection::QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use backbone::problem::{Fault, Problem};
use serde_json::json;

use super::item::Item;
use super::staff::Reader;
use super::{Bureau, problems, reference};
use crate::domain::words::{Grade, Kind, Status};
use crate::projections::triage_queue::list::{self, Cursor, LIMIT_MAX, Sort, Wish};

const LIMIT_UNASKED: u32 = 50;
const TEXT_CHARS_MAX: usize = 100;

/// The list: what waits longest comes first.
pub(super) async fn get(
    State(bureau): State<Bureau>,
    _: Reader,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|_| wrong(vec![]))?;
    let wish = read(&query).map_err(wrong)?;
    let mut conn = bureau.conn().await?;
    let page = list::page(&mut conn, &wish).await.map_err(|error| problems::database(&error))?;
    let items: Vec<Item<'_>> = page.cases.iter().map(Item::new).collect();
    let next = page.next.map(|cursor| cursor.encode());
    Ok(Json(json!({"items": items, "next": next})).into_response())
}

fn wrong(errors: Vec<Fault>) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "wrong_query",
        "The list cannot be asked for in this way: see `errors`.",
    )
    .errors(errors)
}

fn read(query: &[(String, String)]) -> Result<Wish, Vec<Fault>> {
    let mut wish = Wish {
        status: None,
        kind: None,
        grade: None,
        claimed_by: None,
        reference: None,
        sort: Sort::Due,
        after: None,
        limit: LIMIT_UNASKED,
    };
    let mut faults = vec![];
    let mut seen: Vec<&str> = vec![];
    let mut cursor = None;
    for (name, value) in query {
        if seen.contains(&name.as_str()) {
            faults.push(fault(name, "repeated", "Say it once.".to_owned()));
        }
        seen.push(name);
        if name == "cursor" {
            cursor = Some(value.as_str()).filter(|text| !text.is_empty());
        } else if let Err(fault) = read_one(&mut wish, name, value) {
            faults.push(fault);
        }
    }
    // A cursor belongs to an order, which may stand behind it.
    if let Some(text) = cursor {
        wish.after = Cursor::parse(text, wish.sort);
        if wish.after.is_none() {
            let detail = "Use `next` of the page before, with the same order.".to_owned();
            faults.push(fault("cursor", "unreadable", detail));
        }
    }
    if faults.is_empty() { Ok(wish) } else { Err(faults) }
}

/// An empty value wishes for nothing.
fn read_one(wish: &mut Wish, name: &str, value: &str) -> Result<(), Fault> {
    let given = Some(value).filter(|value| !value.is_empty());
    match name {
        "status" => {
            let all: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
            wish.status = word(name, given, Status::parse, &all)?;
        }
        "kind" => {
            let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            wish.kind = word(name, given, Kind::parse, &all)?;
        }
        "grade" => {
            let all: Vec<&str> = Grade::ALL.iter().map(|grade| grade.as_str()).collect();
            wish.grade = word(name, given, Grade::parse, &all)?;
        }
        "sort" => {
            wish.sort = word(name, given, Sort::parse, &["due", "received"])?.unwrap_or(Sort::Due);
        }
        "claimed_by" => wish.claimed_by = text(name, given)?,
        "reference" => wish.reference = text(name, given)?.map(|typed| reference::stored(&typed)),
        "limit" => wish.limit = limit(given)?,
        _ => {
            let known = "status, kind, grade, claimed_by, reference, sort, cursor, limit";
            let detail = format!("There is no such parameter. There are: {known}.");
            return Err(fault("", "unknown_parameter", detail));
        }
    }
    Ok(())
}

fn word<T>(
    name: &str,
    given: Option<&str>,
    parse: fn(&str) -> Option<T>,
    all: &[&str],
) -> Result<Option<T>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let unknown = || fault(name, "unknown_word", format!("Use one of: {}.", all.join(", ")));
    parse(given).map(Some).ok_or_else(unknown)
}

fn text(name: &str, given: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(given) = given else { return Ok(None) };
    if given.chars().count() > TEXT_CHARS_MAX || given.chars().any(char::is_control) {
        let detail = format!("Use at most {TEXT_CHARS_MAX} visible characters.");
        return Err(fault(name, "too_long", detail));
    }
    Ok(Some(given.to_owned()))
}

fn limit(given: Option<&str>) -> Result<u32, Fault> {
    let Some(given) = given else { return Ok(LIMIT_UNASKED) };
    let is_number = given.bytes().all(|byte| byte.is_ascii_digit());
    // A number that is too large for us is larger than what we give.
    let limit = given.parse::<u32>().unwrap_or(u32::MAX).min(LIMIT_MAX);
    if !is_number || limit == 0 {
        let detail = format!("Use a number from 1 to {LIMIT_MAX}.");
        return Err(fault("limit", "no_number", detail));
    }
    Ok(limit)
}

fn fault(name: &str, code: &str, detail: String) -> Fault {
    Fault { pointer: name.to_owned(), code: code.to_owned(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &[(&str, &str)], wrong: &[(&str, &str)]) -> Option<Wish> {
        let query: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let read = read(&query);
        let faults = read.as_ref().err().cloned().unwrap_or_default();
        let told: Vec<(&str, &str)> =
            faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(told, wrong);
        read.ok()
    }

    #[test]
    fn an_empty_value_wishes_for_nothing() {
        let wish =
            check(&[("status", ""), ("sort", ""), ("limit", ""), ("cursor", "")], &[]).unwrap();
        assert_eq!((wish.status, wish.sort, wish.limit), (None, Sort::Due, LIMIT_UNASKED));
    }

    #[test]
    fn a_reference_is_looked_for_as_it_is_stored() {
        let wish = check(&[("reference", "wtk2 qxtse")], &[]).unwrap();
        assert_eq!(wish.reference.as_deref(), Some("WTK2-QXTS-E"));
    }

    #[test]
    fn a_large_limit_is_cut_and_none_is_refused() {
        assert_eq!(check(&[("limit", "5000")], &[]).unwrap().limit, LIMIT_MAX);
        assert_eq!(check(&[("limit", "99999999999999")], &[]).unwrap().limit, LIMIT_MAX);
        for odd in ["0", "-1", "ten", "1.5"] {
            check(&[("limit", odd)], &[("limit", "no_number")]);
        }
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        check(&[("status", "open")], &[("status", "unknown_word")]);
        check(&[("kind", "murder")], &[("kind", "unknown_word")]);
        check(&[("name", "Priya")], &[("", "unknown_parameter")]);
        check(&[("grade", "routine"), ("grade", "priority")], &[("grade", "repeated")]);
        check(&[("cursor", "xxx")], &[("cursor", "unreadable")]);
    }
}
