//! What bureau and notifier say, as changes of the status page. Appends nothing: INTAKE holds the
//! public's acts alone.

use backbone::follower::{Follower, Handled, Handler, Message};
use backbone::service::Ground;
use prost::Message as _;
use proto::bureau::v1::CaseDecided;
use proto::notifier::v1::AttemptEnded;
use proto::topology;
use sqlx::PgConnection;

use crate::projections::status::{self, Change, Move};

/// The follower of the bureau's stream.
#[must_use]
pub fn follow_bureau(ground: &Ground) -> Follower<()> {
    follower(ground, topology::BUREAU, |(), conn, batch| {
        Box::pin(apply(conn, topology::BUREAU, batch, of_bureau))
    })
}

/// The follower of the notifier's stream.
#[must_use]
pub fn follow_notifier(ground: &Ground) -> Follower<()> {
    follower(ground, topology::NOTIFIER, |(), conn, batch| {
        Box::pin(apply(conn, topology::NOTIFIER, batch, of_notifier))
    })
}

fn follower(ground: &Ground, stream: &'static str, handler: Handler<()>) -> Follower<()> {
    Follower {
        stream,
        waits_for: None,
        log: None,
        service: (),
        handler,
        options: ground.options.clone(),
        broker: ground.broker.clone(),
        health: ground.health.clone(),
    }
}

async fn apply(
    conn: &mut PgConnection,
    stream: &str,
    batch: &[Message],
    read: fn(&Message) -> Result<Change, prost::DecodeError>,
) -> Result<Handled, sqlx::Error> {
    let mut changes = Vec::with_capacity(batch.len());
    for message in batch {
        match read(message) {
            Ok(change) => changes.push((message.report_id, message.recorded.position, change)),
            Err(error) => return Ok(Handled::Park(format!("its body cannot be read: {error}"))),
        }
    }
    status::apply(conn, stream, &changes).await?;
    Ok(Handled::Done)
}

/// What an event of the bureau changes for the reporter. Most change nothing.
fn of_bureau(message: &Message) -> Result<Change, prost::DecodeError> {
    let at = message.recorded.recorded_at;
    let change = match message.recorded.kind.as_str() {
        "case.opened" => {
            Change { seen: true, line: Some("Our staff have your report"), ..nothing(at) }
        }
        "case.claimed" | "case.assessed" => Change { status: Some(Move::Begin), ..nothing(at) },
        "reply.received" | "evidence.received" => Change {
            status: Some(Move::To("assessing")),
            asked: Some(None),
            line: Some("We have what you added"),
            ..nothing(at)
        },
        // What it is that was found is said to nobody who only has the code.
        "found.reported" => Change {
            status: Some(Move::To("assessing")),
            asked: Some(None),
            line: Some("We have what you told us"),
            ..nothing(at)
        },
        // One more entry of a diary: no reply is owed, and nothing that is asked is answered.
        "entry.kept" => Change { line: Some("We have what you added"), ..nothing(at) },
        "withdrawal.received" => Change {
            status: Some(Move::To("assessing")),
            // Who wants it to end is asked nothing, unless staff ask again.
            asked: Some(None),
            line: Some("We have your wish to withdraw"),
            ..nothing(at)
        },
        "contact.stop_received" => Change {
            contact_stopped: true,
            line: Some("You asked us not to contact you. Use your return code here"),
            ..nothing(at)
        },
        "case.decided" => of_decision(CaseDecided::decode(message.recorded.body.clone())?, at),
        _ => nothing(at),
    };
    Ok(change)
}

fn of_decision(decided: CaseDecided, at: jiff::Timestamp) -> Change {
    let (status, line) = match decided.decision.as_str() {
        "request_details" => ("needs_reply", "We asked you for something"),
        "allocate" => ("with_officer", "An officer or team has it"),
        "refer" => ("passed_on", "We passed it on"),
        "file_for_information" => {
            ("no_further_action", "We are not looking into it further at the moment")
        }
        _ => ("assessing", "We decided something about your report"),
    };
    let asked = (status == "needs_reply")
        .then(|| decided.words.map(|sealed| sealed.encode_to_vec()))
        .flatten();
    Change { status: Some(Move::To(status)), asked: Some(asked), line: Some(line), ..nothing(at) }
}

/// What an event of the notifier changes for the reporter.
fn of_notifier(message: &Message) -> Result<Change, prost::DecodeError> {
    let at = message.recorded.recorded_at;
    // What names no report has told somebody where a form is that they saved.
    if message.recorded.kind != "attempt.ended" || message.report_id.is_nil() {
        return Ok(nothing(at));
    }
    let ended = AttemptEnded::decode(message.recorded.body.clone())?;
    let line = (ended.outcome == "accepted").then_some("We sent you a message");
    Ok(Change { line, ..nothing(at) })
}

fn nothing(at: jiff::Timestamp) -> Change {
    Change { at, ..Change::default() }
}
