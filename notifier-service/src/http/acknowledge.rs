//! The control room says that it has a message: by a page with one button, or by a program.
//!
//! Opening the page acknowledges nothing, since mail scanners open links. The code stands in the
//! message and is typed on the page: a fragment of the address would need JavaScript to reach the form,
//! and a query would be logged on the way.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use backbone::http::{Nothing, Path};
use backbone::problem::Problem;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{App, storage};
use crate::control_room::words;
use crate::domain::contact;
use crate::domain::emergency::{CONTROL_ROOM, Command};
use crate::execute::Order;
use crate::projections::emergencies::{self, Found};
use crate::render::grouped;

/// A code and its name, however it was encoded.
const FORM_BYTES_MAX: usize = 4 * 1024;
/// Who of the staff may say so. An auditor changes nothing.
const ROLES: [&str; 2] = ["triager", "supervisor"];

const WRONG_CODE: &str =
    "That code does not belong to this message. Check it and try again, or ask the Crime Bureau";
const NOT_SAVED: &str =
    "We could not save this. Try again. If it does not work, tell the people on call yourself";

#[derive(Debug, Serialize)]
struct Had {
    message_id: Uuid,
    reference: String,
    acknowledged_by: String,
    acknowledged_at: Timestamp,
}

/// `POST /api/v1/control-room/{message id}/acknowledge`, with the message's code or a staff token as the
/// bearer token. Saying it again gives the first answer.
pub(super) async fn by_api(
    State(app): State<App>,
    Path(message_id): Path<Uuid>,
    headers: HeaderMap,
    _: Nothing,
) -> Result<Response, Problem> {
    let by = who(&app, message_id, &headers)?;
    let (reference, by, at) = acknowledge(&app, message_id, &by).await?;
    let said = Had {
        message_id,
        reference: grouped(&reference),
        acknowledged_by: by,
        acknowledged_at: at,
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((no_store, axum::Json(said)).into_response())
}

/// The control room by the message's code, or a member of staff by a token.
fn who(app: &App, message_id: Uuid, headers: &HeaderMap) -> Result<String, Problem> {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let code = said.and_then(|said| said.split_once(' ')).map(|(_, code)| code);
    if code.is_some_and(|code| app.desk.codes.fits(message_id, code)) {
        return Ok(CONTROL_ROOM.to_owned());
    }
    let bearer = app.tokens.who(headers)?;
    if bearer.roles.iter().any(|role| ROLES.contains(&role.as_str())) {
        return Ok(bearer.id);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_role",
        "Your role may not do this. Ask a supervisor.",
    ))
}

/// Appends the fact, once, and gives who had it first.
async fn acknowledge(
    app: &App,
    message_id: Uuid,
    by: &str,
) -> Result<(String, String, Timestamp), Problem> {
    let found = find(app, message_id).await?;
    if let Some((by, at)) = found.acknowledged {
        return Ok((found.reference, by, at));
    }
    if !app.relayed.compared() {
        return Err(Problem::unavailable()); // A restored log must not grow before anybody has noticed.
    }
    let command = Command::Acknowledge { id: message_id, by: by.to_owned() };
    let order = Order {
        report_id: found.report_id,
        command: contact::Command::Emergency(command),
        because: None,
        intake_position: 0,
        traceparent: backbone::telemetry::traceparent(),
    };
    app.recorder.commit(vec![order]).await.map_err(storage)?;
    let found = find(app, message_id).await?;
    let (by, at) = found.acknowledged.ok_or_else(Problem::internal)?;
    Ok((found.reference, by, at))
}

async fn find(app: &App, message_id: Uuid) -> Result<Found, Problem> {
    let mut conn = app.pool.acquire().await.map_err(storage)?;
    let found = emergencies::find(&mut conn, message_id).await.map_err(storage)?;
    found.ok_or_else(Problem::not_found)
}

/// `GET /control-room/{message id}`: asks for the code. It looks nothing up, so it tells nothing.
pub(super) async fn page(State(app): State<App>, _: Path<Uuid>) -> Result<Html<String>, Problem> {
    show(&app, None, None)
}

/// `POST /control-room/{message id}`, from that page.
pub(super) async fn by_page(
    State(app): State<App>,
    Path(message_id): Path<Uuid>,
    request: Request,
) -> Result<Response, Problem> {
    let body = to_bytes(request.into_body(), FORM_BYTES_MAX).await.unwrap_or_default();
    let typed = form_urlencoded::parse(&body)
        .find_map(|(name, value)| (name == "code").then(|| value.into_owned()))
        .unwrap_or_default();
    if !app.desk.codes.fits(message_id, &typed) {
        let page = show(&app, None, Some(WRONG_CODE))?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    match acknowledge(&app, message_id, CONTROL_ROOM).await {
        Ok((reference, _, at)) => Ok(show(&app, Some((&reference, at)), None)?.into_response()),
        Err(problem) => {
            let page = show(&app, None, Some(NOT_SAVED))?;
            Ok((problem.status(), page).into_response())
        }
    }
}

fn show(
    app: &App,
    done: Option<(&str, Timestamp)>,
    fault: Option<&str>,
) -> Result<Html<String>, Problem> {
    words::page(&app.renderer, done, fault).map(Html).map_err(|error| {
        tracing::error!(error = %error, "alarm: a template failed");
        Problem::internal()
    })
}
