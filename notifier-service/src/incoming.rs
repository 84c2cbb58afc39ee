//! Other services' events -> commands. Translation only: what follows is decided in the domain.

use backbone::follower::{self, Handled, Message, side_stream};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use proto::topology::{BUREAU, INTAKE};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::{self, DecodeError};
use crate::domain::contact::{Cause, Command, Source};
use crate::domain::plan::Ids;
use crate::execute::{Because, ExecuteError, Executor, Order, SavedLinks};
use crate::history::HistoryError;

/// Handles messages of INTAKE.
pub fn intake<'a>(
    executor: &'a Executor,
    conn: &'a mut PgConnection,
    messages: &'a [Message],
) -> BoxFuture<'a, Result<Handled, sqlx::Error>> {
    let orders = messages.iter().map(|message| from_intake(executor, message)).collect();
    handle(executor, conn, orders).boxed()
}

/// Handles messages of BUREAU.
pub fn bureau<'a>(
    executor: &'a Executor,
    conn: &'a mut PgConnection,
    messages: &'a [Message],
) -> BoxFuture<'a, Result<Handled, sqlx::Error>> {
    async move {
        let followed = follower::position(conn, INTAKE).await?.position;
        let orders = messages.iter().map(|message| from_bureau(message, followed)).collect();
        handle(executor, conn, orders).await
    }
    .boxed()
}

/// Executes what was understood; one message that was not is told by itself.
async fn handle(
    executor: &Executor,
    conn: &mut PgConnection,
    orders: Result<Vec<Option<Order>>, String>,
) -> Result<Handled, sqlx::Error> {
    let orders: Vec<Order> = match orders {
        Ok(orders) => orders.into_iter().flatten().collect(),
        Err(why) => return Ok(Handled::Park(why)),
    };
    if orders.is_empty() {
        return Ok(Handled::Done);
    }
    match executor.execute(conn, &orders).await {
        Ok(answers) => Ok(match answers.into_iter().find_map(Result::err) {
            Some(rejection) => Handled::Park(rejection.to_string()),
            None => Handled::Done,
        }),
        Err(
            ExecuteError::Database(error) | ExecuteError::History(HistoryError::Database(error)),
        ) => Err(error),
        Err(error) => Ok(Handled::Park(error.to_string())),
    }
}

fn from_intake(executor: &Executor, message: &Message) -> Result<Option<Order>, String> {
    let body = &message.recorded.body;
    let ids = ids(INTAKE, message);
    let command = match message.recorded.kind.as_str() {
        "report.submitted" => {
            let new = codec::submission(body, emergency_id(INTAKE, message)).map_err(told)?;
            Command::Submit { new, ids }
        }
        "details.added" => {
            let emergency = emergency_id(INTAKE, message);
            let Some((at, alert)) = codec::reply(body, emergency).map_err(told)? else {
                return Ok(None);
            };
            Command::Reply { at, id: ids.obligation, alert }
        }
        // Both are answered as any other reply is.
        "evidence.added" => {
            let at = codec::evidence_at(body).map_err(told)?;
            Command::Reply { at, id: ids.obligation, alert: None }
        }
        "found.reported" => {
            let at = codec::found_at(body).map_err(told)?;
            Command::Reply { at, id: ids.obligation, alert: None }
        }
        "contact.stopped" => Command::Stop { at: codec::stopped_at(body).map_err(told)? },
        "link.asked" => return link_asked(executor, message).map(Some),
        // No wish stops a clock.
        "withdrawal.asked" => return Ok(None),
        kind => return Err(format!("{kind} is not known here")),
    };
    order(INTAKE, message, command, message.recorded.position).map(Some)
}

/// Somebody wants to be told where a form is that they saved: about no report, so known by its stream.
fn link_asked(executor: &Executor, message: &Message) -> Result<Order, String> {
    let SavedLinks { terms, zone } = &executor.saved_links;
    let asked = codec::link_asked(&message.recorded.body, zone).map_err(told)?;
    let stream = message.recorded.stream;
    // Made of its stream alone: should it be told again at another position, it is the same message.
    let command = Command::SendLink { asked, terms: *terms, id: side_stream(stream, "message") };
    Ok(order_about(stream, INTAKE, message, command, message.recorded.position))
}

fn from_bureau(message: &Message, followed: u64) -> Result<Option<Order>, String> {
    let body = &message.recorded.body;
    let at = message.recorded.recorded_at;
    let seen = message.meta.intake_position;
    let command = match message.recorded.kind.as_str() {
        "case.decided" => {
            let (what, at) = codec::decision(body).map_err(told)?;
            Command::Decide { what, at, seen, ids: ids(BUREAU, message) }
        }
        "contact.recorded" => match codec::told_at(body).map_err(told)? {
            Some(at) => Command::Told { at, seen },
            None => return Ok(None),
        },
        "contact.held" => Command::Hold { at },
        "contact.hold_released" => Command::Resume { at },
        _ => return Ok(None), // Nothing that is told to a reporter.
    };
    order(BUREAU, message, command, followed).map(Some)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn told(error: DecodeError) -> String {
    error.to_string()
}

fn order(
    stream: &'static str,
    message: &Message,
    command: Command,
    intake_position: u64,
) -> Result<Order, String> {
    if message.report_id == Uuid::nil() {
        return Err("it names no report".to_owned());
    }
    Ok(order_about(message.report_id, stream, message, command, intake_position))
}

fn order_about(
    report_id: Uuid,
    stream: &'static str,
    message: &Message,
    command: Command,
    intake_position: u64,
) -> Order {
    let source = if stream == INTAKE { Source::Intake } else { Source::Bureau };
    let cause = Cause { source, position: message.recorded.position };
    Order {
        report_id,
        command,
        because: Some(Because { cause, wire: message.cause(stream) }),
        intake_position,
        traceparent: message.meta.traceparent.clone(),
    }
}

/// Ids that are made of their cause: handling it again makes the same ones.
fn ids(stream: &str, message: &Message) -> Ids {
    let id = |name: &str| id(stream, message, name);
    Ids { obligation: id("obligation"), message: id("message"), holding: id("holding") }
}

fn emergency_id(stream: &str, message: &Message) -> Uuid {
    id(stream, message, "emergency")
}

fn id(stream: &str, message: &Message, name: &str) -> Uuid {
    side_stream(message.report_id, &format!("{stream}/{}/{name}", message.recorded.position))
}
